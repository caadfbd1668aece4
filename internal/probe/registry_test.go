package probe

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestKindsAreSortedAndUnique(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, k := range Kinds() {
		names = append(names, k.Name)
		if found, ok := Lookup(k.Name); !ok || found.Title != k.Title {
			t.Errorf("Lookup(%q) does not find the kind", k.Name)
		}
	}
	if want := slices.Compact(slices.Sorted(slices.Values(names))); !slices.Equal(names, want) {
		t.Errorf("kinds are %v, want %v", names, want)
	}
	if _, ok := Lookup("gopher"); ok {
		t.Error("Lookup finds a kind that does not exist")
	}
}

func TestKindsAreComplete(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		if k.Title == "" || k.Help == "" || k.TargetHelp == "" {
			t.Errorf("%s lacks a title or help", k.Name)
		}
		if k.DefaultTarget == nil || (k.Compile == nil) != k.Passive || (k.Validate == nil) == k.Passive {
			t.Errorf("%s lacks a function or has one too many", k.Name)
		}
		target := k.DefaultTarget(scout.Server{IP: "192.0.2.1"})
		if (target == "") != (k.NeedsTarget || k.Passive) {
			t.Errorf("%s has the default target %q", k.Name, target)
		}
		checkFields(t, k.Name, k.Fields)
		if cases, _ := filepath.Glob(filepath.Join("testdata", k.Name, "*.json")); len(cases) == 0 {
			t.Errorf("testdata/%s holds no golden case", k.Name)
		}
	}
}

func checkFields(t *testing.T, path string, fields []scout.Field) {
	t.Helper()
	for _, f := range fields {
		at := path + "." + f.Name
		if f.Help == "" || !strings.HasSuffix(f.Help, ".") {
			t.Errorf("%s: the help %q is not a sentence", at, f.Help)
		}
		if (f.Type == scout.TypeObject) != (len(f.Fields) > 0) {
			t.Errorf("%s: objects, and only they, have fields", at)
		}
		checkDefault(t, at, f)
		checkFields(t, at, f.Fields)
	}
}

func checkDefault(t *testing.T, at string, f scout.Field) {
	t.Helper()
	var size int64
	switch v := f.Default.(type) {
	case nil, bool:
		return
	case int:
		size = int64(v)
	case []any:
		size = int64(len(v))
	case string:
		size = int64(len(v))
		if f.Type == scout.TypeDuration {
			d, err := scout.ParseDuration(v)
			if err != nil {
				t.Errorf("%s: %v", at, err)
			}
			size = int64(d)
		}
		if f.Enum != nil && !slices.Contains(f.Enum, v) {
			t.Errorf("%s: the default %q is not allowed", at, v)
		}
	default:
		t.Errorf("%s: the default has the type %T", at, v)
	}
	if (f.Min != 0 || f.Max != 0) && (size < f.Min || size > f.Max) {
		t.Errorf("%s: the default %v is out of range", at, f.Default)
	}
}

// The settings' structs and their defaults say the same as the metadata.
func TestFieldsMatchSettings(t *testing.T) {
	t.Parallel()
	settings := map[string]any{
		"dns":       defaultDNSSettings(),
		"external":  struct{}{},
		"heartbeat": heartbeatSettings{Grace: scout.Duration(defaultGrace)},
		"http":      defaultHTTPSettings(),
		"icmp":      defaultICMPSettings(),
		"tcp":       tcpSettings{},
		"tls":       defaultTLSSettings(),
	}
	for _, k := range Kinds() {
		compareFields(t, k.Name, k.Fields, reflect.ValueOf(settings[k.Name]))
	}
}

func compareFields(t *testing.T, path string, fields []scout.Field, v reflect.Value) {
	t.Helper()
	keys := []string{}
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("json")
		keys = append(keys, key)
		at := slices.IndexFunc(fields, func(f scout.Field) bool { return f.Name == key })
		if at < 0 {
			continue // reported below
		}
		f := fields[at]
		if f.Type == scout.TypeObject {
			compareFields(t, path+"."+key, f.Fields, v.Field(i))
		} else if f.Default == nil != v.Field(i).IsZero() || f.Default != nil && jsonText(t, f.Default) != jsonText(t, v.Field(i).Interface()) {
			t.Errorf("%s.%s: the default is %v in the metadata and %v in the settings", path, key, f.Default, v.Field(i))
		}
	}
	slices.Sort(keys)
	if diff := cmp.Diff(scout.FieldNames(fields), keys); diff != "" {
		t.Errorf("%s: fields and settings differ (-metadata +struct):\n%s", path, diff)
	}
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// goldenCase is what a user wrote.
type goldenCase struct {
	Name     string         `json:"name"`
	Target   string         `json:"target"`
	ServerIP string         `json:"server_ip"`
	Settings scout.Settings `json:"settings"`
}

// goldenAnswer is what the kind makes of it.
type goldenAnswer struct {
	DefaultTarget string         `json:"default_target"`
	Masked        scout.Settings `json:"masked"`
	Faults        [][3]string    `json:"faults,omitempty"`    // field, value, message
	Companion     []string       `json:"companion,omitempty"` // name, kind, target
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		cases, err := filepath.Glob(filepath.Join("testdata", k.Name, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range cases {
			t.Run(k.Name+"/"+strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
				t.Parallel()
				testGolden(t, k, path)
			})
		}
	}
}

func testGolden(t *testing.T, k Kind, path string) {
	input, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var c goldenCase
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	got := answerOf(t, k, c)
	golden := strings.TrimSuffix(path, ".json") + ".golden"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-golden +got:\n%s", diff)
	}
}

func answerOf(t *testing.T, k Kind, c goldenCase) []byte {
	t.Helper()
	server := scout.Server{IP: c.ServerIP}
	a := goldenAnswer{DefaultTarget: k.DefaultTarget(server), Masked: scout.Mask(k.Fields, c.Settings)}
	check := scout.Check{Name: c.Name, Kind: k.Name, Target: c.Target, Settings: c.Settings}
	if check.Target == "" {
		check.Target = a.DefaultTarget
	}
	if err := compileOrValidate(k, scout.Target{Check: check, Server: server}); err != nil {
		for _, f := range faultsOf(t, err) {
			a.Faults = append(a.Faults, [3]string{f.Field, f.Value, f.Message})
		}
	}
	if k.Companion != nil {
		if companion, ok := k.Companion(check, server); ok {
			a.Companion = []string{companion.Name, companion.Kind, companion.Target}
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(a); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func compileOrValidate(k Kind, target scout.Target) error {
	if k.Passive {
		return k.Validate(target)
	}
	_, err := k.Compile(target)
	return err
}

// Whatever stands in target and settings, it compiles or is refused in words.
func FuzzCompile(f *testing.F) {
	f.Add("https://user:pw@[::1]:8443/x?y=z", "::1", `{"expect":{"status":["200-299","404"],"body_matches":"("}}`)
	f.Add("5432", "192.0.2.1", `{"send":"\\x00\\r\\n","expect":{"contains":"ok"}}`)
	f.Add("[::1", "", `{"warn":{"days":-1},"server_name":"a b"}`)
	f.Add("", "", `{"period":"1d","grace":"5m","token":"0123456789abcdef"}`)
	f.Add("_sip._tcp.example.com", "", `{"record":"SRV","resolver":"tls://[::1]:853","server_name":"x","expect":{"answers":["1 2 3 a"],"exact":true}}`)
	f.Add("fe80::1%eth0", "", `{"record":"PTR","count":20,"family":"ipv6","expect":{"max_loss":99,"rcode":"NXDOMAIN"},"warn":{"loss":-1}}`)
	f.Add("http://%zz", "", `{"headers":{"a b":"c","Host":"x/y"},"method":"TRACE","warn":{"latency":"-1s"}}`)
	f.Fuzz(func(t *testing.T, target, ip, settings string) {
		var s scout.Settings
		if json.Unmarshal([]byte(settings), &s) != nil {
			t.Skip("no JSON object")
		}
		check := scout.Check{Name: target, Target: target, Settings: s}
		for _, k := range Kinds() {
			if err := compileOrValidate(k, scout.Target{Check: check, Server: scout.Server{IP: ip}}); err != nil {
				faultsOf(t, err)
			}
			if k.Companion == nil {
				continue
			}
			if c, ok := k.Companion(check, scout.Server{}); ok && c.Kind != "tls" {
				t.Errorf("the companion is of kind %q", c.Kind)
			}
		}
	})
}
