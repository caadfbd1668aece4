package terminal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/manage"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

func httpFields(t *testing.T) []scout.Field {
	t.Helper()
	kind, ok := probe.Lookup("http")
	if !ok {
		t.Fatal("there is no kind http")
	}
	return manage.CheckFields(kind)
}

func TestEdits(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	tests := map[string]struct {
		edits Edits
		want  object
	}{
		"nothing":            {Edits{}, object{}},
		"flags":              {Edits{Keys: object{"name": "web"}}, object{"name": "web"}},
		"text with =":        {Edits{Set: []string{"target=http://a/?b=c"}}, object{"target": "http://a/?b=c"}},
		"empty text":         {Edits{Set: []string{"name="}}, object{"name": ""}},
		"integer":            {Edits{Set: []string{"fail_after=5"}}, object{"fail_after": int64(5)}},
		"duration":           {Edits{Set: []string{"interval=5m"}}, object{"interval": "5m"}},
		"list with commas":   {Edits{Set: []string{"expect.status=200-299, 304"}}, object{"expect": object{"status": []any{"200-299", "304"}}}},
		"list by repetition": {Edits{Set: []string{"expect.json=a < 2", "expect.json=b"}}, object{"expect": object{"json": []any{"a < 2", "b"}}}},
		"list as JSON":       {Edits{Set: []string{`expect.json=["a, b"]`}}, object{"expect": object{"json": []any{"a, b"}}}},
		"brackets, not JSON": {Edits{Set: []string{`expect.json=[0] == 1`}}, object{"expect": object{"json": []any{"[0] == 1"}}}},
		"an empty list":      {Edits{Set: []string{"expect.status="}}, object{"expect": object{"status": []any{}}}},
		"a group's keys":     {Edits{Set: []string{"basic_auth.username=u", "basic_auth.password=p"}}, object{"basic_auth": object{"username": "u", "password": "p"}}},
		"a group as JSON":    {Edits{Set: []string{`basic_auth={"username":"u"}`}}, object{"basic_auth": object{"username": "u"}}},
		"a map's entry":      {Edits{Set: []string{"headers.X-A.b=1"}}, object{"headers": object{"X-A.b": "1"}}},
		"a secret's file":    {Edits{Set: []string{"bearer_token=@" + file}}, object{"bearer_token": "s3cret"}},
		"text's file":        {Edits{Set: []string{"body=@" + file}}, object{"body": "s3cret\n"}},
		"no file":            {Edits{Set: []string{"name=@" + file}}, object{"name": "@" + file}},
		"unset":              {Edits{Unset: []string{"interval", "headers.X"}}, object{"interval": nil, "headers": object{"X": nil}}},
	}
	for name, tt := range tests {
		got, err := tt.edits.object(httpFields(t))
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestEditsNameEveryFault(t *testing.T) {
	t.Parallel()
	edits := Edits{
		Set: []string{
			"intervall=5m", "fail_after=many", "expect.statuss=200", "name.first=a", "interval", "headers=X",
			"bearer_token=@/nowhere/at/all", "tls.verify.more=1",
		},
		Unset: []string{"nonsense"},
	}
	_, err := edits.object(httpFields(t))
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Invalid {
		t.Fatalf("the error is %v", err)
	}
	want := map[string]string{
		"intervall":      `did you mean "interval"?`,
		"fail_after":     "must be a whole number",
		"expect.statuss": `did you mean "status"?`,
		"name.first":     "name is one value",
		"--set":          "must be KEY=VALUE",
		"headers":        "is a group",
		"bearer_token":   "cannot be read",
		"tls":            "is not a known key",
		"nonsense":       "is not a known key",
	}
	for _, f := range e.Fields {
		if text, ok := want[f.Field]; !ok || !strings.Contains(f.Message, text) {
			t.Errorf("%s: %s", f.Field, f.Message)
		}
		delete(want, f.Field)
	}
	for field := range want {
		t.Errorf("no fault at %s", field)
	}
}

func TestFaultsRepeatNoSecret(t *testing.T) {
	t.Parallel()
	fields := []scout.Field{{Name: "pin", Type: scout.TypeInteger, Secret: true}}
	_, err := Edits{Set: []string{"pin=hunter2"}}.object(fields)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}
	if _, err := Headers([]string{"Bearer hunter2"}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	got, err := Headers([]string{"Authorization: Bearer a:b", "X-Empty:"})
	if diff := cmp.Diff(map[string]any{"Authorization": "Bearer a:b", "X-Empty": ""}, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func FuzzEdits(f *testing.F) {
	f.Add("expect.status=200")
	f.Add("headers.=")
	f.Add("expect.=[")
	f.Add(".=")
	kind, _ := probe.Lookup("http")
	fields := manage.CheckFields(kind)
	f.Fuzz(func(t *testing.T, assignment string) {
		key, _, _ := strings.Cut(assignment, "=")
		edits := Edits{Set: []string{assignment}, Unset: []string{key}}
		object, err := edits.object(fields)
		if err == nil && len(object) == 0 {
			t.Errorf("%q sets nothing", assignment)
		}
	})
}
