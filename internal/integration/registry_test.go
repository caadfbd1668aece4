package integration_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// TestRegistryIsComplete fails for a format whose metadata or golden files are
// incomplete, and for golden files that belong to nothing.
func TestRegistryIsComplete(t *testing.T) {
	t.Parallel()
	for _, fault := range registryFaults(integration.Formats(), os.DirFS("testdata")) {
		t.Error(fault)
	}
}

// registryFaults lists what is wrong with a set of formats and the tree of
// their golden folders.
func registryFaults(formats []integration.Format, tree fs.FS) []string {
	var faults, names []string
	for _, f := range formats {
		names = append(names, f.Name)
		if f.Title == "" || f.Help == "" || f.Render == nil {
			faults = append(faults, f.Name+": title, help and Render are needed")
		}
		faults = append(faults, fieldFaults(f.Name, f.Fields)...)
		for _, file := range goldenFiles() {
			if _, err := fs.Stat(tree, f.Name+"/"+file); err != nil {
				faults = append(faults, "missing: testdata/"+f.Name+"/"+file)
			}
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		faults = append(faults, fmt.Sprintf("the names are not sorted and unique: %q", names))
	}
	return append(faults, strayFiles(names, tree)...)
}

func goldenFiles() []string {
	files := []string{"target.json"}
	for name := range goldenCases() {
		files = append(files, name+".golden")
	}
	slices.Sort(files)
	return files
}

func fieldFaults(path string, fields []scout.Field) []string {
	var faults []string
	for _, f := range fields {
		at := path + "." + f.Name
		if f.Name == "" || f.Type == "" || f.Help == "" {
			faults = append(faults, at+": name, type and help are needed")
		}
		faults = append(faults, fieldFaults(at, f.Fields)...)
	}
	return faults
}

// strayFiles lists golden files that no format or no case accounts for. The
// folders fuzz and rapid are where failed tests leave their inputs.
func strayFiles(formats []string, tree fs.FS) []string {
	var strays []string
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == "fuzz" || path == "rapid" {
			return fs.SkipDir
		}
		folder, file, _ := strings.Cut(path, "/")
		if !d.IsDir() && (!slices.Contains(formats, folder) || !slices.Contains(goldenFiles(), file)) {
			strays = append(strays, "belongs to nothing: testdata/"+path)
		}
		return nil
	})
	if err != nil {
		strays = append(strays, err.Error())
	}
	return strays
}

func TestRegistryFaultsAreFound(t *testing.T) {
	t.Parallel()
	good := func(name string) integration.Format {
		return integration.Format{
			FormatMeta: scout.FormatMeta{Name: name, Title: "T", Help: "H.", Fields: []scout.Field{{Name: "f", Type: scout.TypeString, Help: "F."}}},
			Render: func(scout.Notice, integration.Target) (scout.Request, error) {
				return scout.Request{}, nil
			},
		}
	}
	tree := func(formats ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for _, f := range formats {
			for _, file := range goldenFiles() {
				m[f+"/"+file] = &fstest.MapFile{}
			}
		}
		return m
	}
	noHelp, deep := good("a"), good("a")
	noHelp.Help = ""
	deep.Fields = []scout.Field{{Name: "o", Type: scout.TypeObject, Help: "O.", Fields: []scout.Field{{Name: "x", Type: scout.TypeString}}}}
	noCase, stray := tree("a"), tree("a")
	delete(noCase, "a/late.golden")
	stray["a/old.golden"] = &fstest.MapFile{}
	for name, tc := range map[string]struct {
		formats []integration.Format
		tree    fs.FS
		fault   string
	}{
		"nothing wrong":   {[]integration.Format{good("a"), good("b")}, tree("a", "b"), ""},
		"no folder":       {[]integration.Format{good("a"), good("b")}, tree("a"), "missing: testdata/b/"},
		"no case":         {[]integration.Format{good("a")}, noCase, "missing: testdata/a/late.golden"},
		"not sorted":      {[]integration.Format{good("b"), good("a")}, tree("a", "b"), "not sorted"},
		"not unique":      {[]integration.Format{good("a"), good("a")}, tree("a"), "unique"},
		"no help":         {[]integration.Format{noHelp}, tree("a"), "help"},
		"field, no help":  {[]integration.Format{deep}, tree("a"), "a.o.x: name, type and help"},
		"file too many":   {[]integration.Format{good("a")}, stray, "belongs to nothing: testdata/a/old.golden"},
		"folder too many": {[]integration.Format{good("a")}, tree("a", "b"), "belongs to nothing: testdata/b/"},
	} {
		faults := strings.Join(registryFaults(tc.formats, tc.tree), "\n")
		if (faults == "") != (tc.fault == "") || !strings.Contains(faults, tc.fault) {
			t.Errorf("%s: found %q, want %q", name, faults, tc.fault)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, f := range integration.Formats() {
		if got, ok := integration.Lookup(f.Name); !ok || got.Name != f.Name {
			t.Errorf("Lookup(%q) = %q, %v", f.Name, got.Name, ok)
		}
	}
	for _, name := range []string{"", "auto", "Slack", "nothing"} {
		if _, ok := integration.Lookup(name); ok {
			t.Errorf("Lookup(%q) found something", name)
		}
	}
}

func TestFormatsIsACopy(t *testing.T) {
	t.Parallel()
	formats := integration.Formats()
	formats[0] = integration.Format{}
	if integration.Formats()[0].Name == "" {
		t.Error("a caller can change the registry")
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	const slackURL = "https://hooks.slack.com/services/T0/B0/x"
	for _, tc := range []struct{ format, url, want string }{
		{"auto", slackURL, "slack"},
		{"", slackURL, "slack"},
		{"auto", "https://example.com/", "native"},
		{"", "://", "native"},
		{"native", slackURL, "native"},
		{"slack", "https://chat.example.com/hooks/x", "slack"},
	} {
		f, err := integration.Resolve(tc.format, tc.url)
		if err != nil || f.Name != tc.want {
			t.Errorf("Resolve(%q, %q) = %q, %v, want %q", tc.format, tc.url, f.Name, err, tc.want)
		}
	}
	_, err := integration.Resolve("slak", slackURL)
	if err == nil || scout.CodeOf(err) != scout.Invalid {
		t.Fatalf("error %v, want Invalid", err)
	}
	want := `"slak" is not a format: use auto`
	for _, f := range integration.Formats() {
		if !strings.Contains(err.Error(), f.Name) {
			t.Errorf("%q does not name %s", err, f.Name)
		}
	}
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %q, want it to begin %q", err, want)
	}
}

func TestRecognise(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"https://hooks.slack.com/services/T0/B0/x":              "slack",
		"https://hooks.slack.com:443/services/T0/B0/x":          "slack",
		"https://HOOKS.Slack.COM/services/T0/B0/x":              "slack",
		"HTTPS://hooks.slack.com/services/T0/B0/x":              "slack",
		"https://hooks.slack.com./services/T0/B0/x":             "slack",
		"https://hooks.slack-gov.com/services/T0/B0/x":          "slack",
		"https://hooks.slack.com/workflows/T0/A0/1/x":           "slack",
		"https://hooks.slack.com/triggers/T0/1/x":               "slack",
		"https://hooks.slack.com/services/T0/B0/x?a=b#c":        "slack",
		"https://user:pw@hooks.slack.com/services/T0/B0/x":      "slack",
		"http://hooks.slack.com/services/T0/B0/x":               "native",
		"https://hooks.slack.com:8443/services/T0/B0/x":         "native",
		"https://hooks.slack.com.evil.com/services/T0/B0/x":     "native",
		"https://evilhooks.slack.com/services/T0/B0/x":          "native",
		"https://hooks.slack.community/services/T0/B0/x":        "native",
		"https://hooks.slack.com@evil.com/services/T0/B0/x":     "native",
		"https://hooks.slack.com:443@evil.com/services/T0/B0/x": "native",
		"https://evil.com/hooks.slack.com/services/T0/B0/x":     "native",
		"https://evil.com/?u=https://hooks.slack.com/services/": "native",
		"https://evil.com#hooks.slack.com/services/T0/B0/x":     "native",
		"https://hooks.slack.com/":                              "native",
		"https://hooks.slack.com/services":                      "native",
		"https://hooks.slack.com/services/":                     "native",
		"https://hooks.slack.com/api/chat.postMessage":          "native",
		"https://slack.com/services/T0/B0/x":                    "native",
		"hooks.slack.com/services/T0/B0/x":                      "native",
		"//hooks.slack.com/services/T0/B0/x":                    "native",
		"https:hooks.slack.com/services/T0/B0/x":                "native",
		"https://example.com/hook":                              "native",
		"":                                                      "native",
		"https://[::1":                                          "native",
		"https://hooks.slack.com/services/\x00":                 "native",
	}
	got := map[string]string{}
	for raw := range want {
		got[raw] = integration.Recognise(raw).Name
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recognised (-want +got):\n%s", diff)
	}
}

func TestDisplayURL(t *testing.T) {
	t.Parallel()
	const m = scout.Masked
	for _, tc := range []struct{ format, url, want string }{
		{"slack", "https://hooks.slack.com/services/T000/B000/secret", "https://hooks.slack.com/services/T000/B000/" + m},
		{"auto", "https://hooks.slack.com/services/T000/B000/secret", "https://hooks.slack.com/services/T000/B000/" + m},
		{"native", "https://hooks.slack.com/services/T000/B000/secret", "https://hooks.slack.com/services/T000/B000/" + m},
		{"unknown", "https://hooks.slack.com/services/T000/B000/secret", "https://hooks.slack.com/services/T000/B000/" + m},
		{"slack", "https://hooks.slack.com/services/T000/B000/secret/", "https://hooks.slack.com/services/T000/B000/" + m},
		{"slack", "https://hooks.slack.com/services/T000/B000/secret/more?k=v", "https://hooks.slack.com/services/T000/B000/" + m + "?k=" + m},
		{"slack", "https://hooks.slack.com/services/secret", "https://hooks.slack.com/services/" + m},
		{"slack", "https://hooks.slack.com/workflows/T0/A0/123/secret", "https://hooks.slack.com/workflows/T0/A0/123/" + m},
		{"slack", "https://hooks.slack.com/triggers/T0/123/secret", "https://hooks.slack.com/triggers/T0/123/" + m},
		{"slack", "https://chat.example.com/hooks/secret", "https://chat.example.com/hooks/" + m},
		{"slack", "https://chat.example.com", "https://chat.example.com/"},
		{"native", "https://example.com/a/b", "https://example.com/a/b"},
		{"native", "http://example.com:8080", "http://example.com:8080"},
		{"native", "https://me:secret@example.com/", "https://me:" + m + "@example.com/"},
		{"native", "https://secret@example.com/", "https://" + m + "@example.com/"},
		{"native", "https://example.com/a%2Fb?token=secret&x=&y", "https://example.com/a%2Fb?token=" + m + "&x=" + m + "&" + m},
		{"native", "https://example.com/?secret", "https://example.com/?" + m},
		{"native", "https://example.com/#secret", "https://example.com/"},
		{"native", "https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
		{"native", "https://secret\x00", m},
		{"native", "example.com/secret", m},
		{"native", "mailto:secret@example.com", m},
		{"native", "", m},
	} {
		if got := integration.DisplayURL(tc.format, tc.url); got != tc.want {
			t.Errorf("DisplayURL(%q, %q)\n got %q\nwant %q", tc.format, tc.url, got, tc.want)
		}
	}
}

func FuzzDisplayURL(f *testing.F) {
	const secret = "s3cr3tT0ken"
	f.Add("native", "https", "example.com", "path", "key")
	f.Add("slack", "https", "hooks.slack.com", "services/T0/B0", "")
	f.Add("auto", "http", "[::1]:80", "a%2f", "a&b=c")
	f.Fuzz(func(t *testing.T, format, scheme, host, path, key string) {
		raw := scheme + "://user:" + secret + "@" + host + "/" + path + "?" + key + "=" + secret + "#" + secret
		u, err := url.Parse(raw)
		if err != nil || !strings.Contains(u.RawQuery, secret) || u.User == nil {
			return // the parts above were not read as the parts they were meant to be
		}
		if password, _ := u.User.Password(); password != secret {
			return
		}
		if got := integration.DisplayURL(format, raw); strings.Contains(got, secret) {
			t.Errorf("%q shows the secret: %q", raw, got)
		}
	})
}
