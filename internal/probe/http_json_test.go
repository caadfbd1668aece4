package probe

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"serverscout/internal/scout"
)

const jsonDocument = `{
	"status": "ok", "version": "v1.20.3", "ready": true, "error": null, "pi": 3.14, "big": 9007199254740993, "huge": 1e999,
	"checks": [{"name": "db", "latency_ms": 12}, {"name": "cache", "latency_ms": 250}],
	"tags": ["prod", "web", 7], "nothing": [], "length": "own", "inner": {"length": 5},
	"a.b": {"c d": "é", "": 1}, "$schema": "s", "@timestamp": "t", "quote\"d": 1, "greeting": "größe"
}`

func TestAssertions(t *testing.T) {
	t.Parallel()
	const broken = " does not hold"
	tests := []struct{ assertion, want string }{
		{`status == "ok"`, ""},
		{`  status=="ok"  `, ""},
		{`$.status == "ok"`, ""},
		{`status == "up"`, broken},
		{`status == 200`, broken + ": the value is text"},
		{`status != "failed"`, ""},
		{`status != "ok"`, broken},
		{`state != "failed"`, broken + ": there is no such value"},
		{`ready == true`, ""},
		{`ready == false`, broken},
		{`error == null`, ""},
		{`error == "no"`, broken + ": the value is null"},
		{`error exists`, ""},
		{`error absent`, broken},
		{`errors absent`, ""},
		{`errors exists`, broken},
		{`version matches "^v1\\.(1[89]|2\\d)\\."`, ""},
		{`version matches "^v2"`, broken},
		{`pi matches "3"`, broken + ": the value is a number"},
		{`version contains "20"`, ""},
		{`version contains "21"`, broken},
		{`version contains 20`, broken + ": the value is text"},
		{`pi contains 3`, broken},
		{`ready contains "t"`, broken + ": the value is true or false"},
		{`tags contains "prod"`, ""},
		{`tags contains 7.0`, ""},
		{`tags contains "dev"`, broken},
		{`inner contains "length"`, broken + ": the value is an object"},
		{`pi == 3.140`, ""},
		{`pi < 3.2`, ""},
		{`pi < 3.14`, broken},
		{`pi <= 3.14`, ""},
		{`pi > 3.14`, broken},
		{`pi >= 3.14`, ""},
		{`pi >= 4`, broken},
		{`big == 9007199254740993`, ""},
		{`big == 9007199254740992`, broken},
		{`huge > 1e300`, ""},
		{`status < 5`, broken + ": the value is text"},
		{`checks[0].latency_ms < 200`, ""},
		{`checks[1].latency_ms < 200`, broken},
		{`checks[2].latency_ms < 200`, broken + ": there is no such value"},
		{`checks.name exists`, broken},
		{`checks[0] == {"latency_ms": 1.2e1, "name": "db"}`, ""},
		{`checks[0] == {"name": "db"}`, broken},
		{`checks[0] == {"name": "db", "latency": 12}`, broken},
		{`inner == {"length": 5, "more": 1}`, broken},
		{`checks[0] != [1]`, ""},
		{`tags == ["prod", "web", 7]`, ""},
		{`tags == ["prod", "web"]`, broken},
		{`tags == {}`, broken + ": the value is a list"},
		{`checks.length == 2`, ""},
		{`nothing.length > 0`, broken},
		{`greeting.length == 5`, ""},
		{`pi.length == 4`, broken + ": there is no such value"},
		{`length == "own"`, ""},
		{`inner.length == 5`, ""},
		{`tags["length"] exists`, broken},
		{`status[0] exists`, broken},
		{`$["a.b"][0] absent`, ""},
		{`$["a.b"][""] exists`, ""},
		{`$["a.b"]["c d"] == "\u00e9"`, ""},
		{`["a.b"]["c d"] == "é"`, ""},
		{`$schema == "s"`, ""},
		{`$.$schema == "s"`, ""},
		{`@timestamp exists`, ""},
		{`$["quote\"d"] == 1`, ""},
		{`$ != null`, ""},
		{`$.length exists`, ""},
	}
	document, err := decodeJSON([]byte(jsonDocument))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.assertion, func(t *testing.T) {
			t.Parallel()
			a, err := parseAssertion(tt.assertion)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			if want != "" {
				want = strings.TrimSpace(tt.assertion) + want
			}
			if got := a.complaint(document); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// The document itself may be a list or a plain value.
func TestAssertionsOfOtherDocuments(t *testing.T) {
	t.Parallel()
	for document, assertion := range map[string]string{
		`[{"ok": true}]`: `$[0].ok == true`,
		`[1, 2]`:         `$.length == 2`,
		`"fine"`:         `$ == "fine"`,
		` 7 `:            `$ > 6`,
		`null`:           `$ == null`,
	} {
		value, err := decodeJSON([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		a, err := parseAssertion(assertion)
		if err != nil {
			t.Fatal(err)
		}
		if complaint := a.complaint(value); complaint != "" {
			t.Errorf("%s: %s", document, complaint)
		}
	}
}

func TestAssertionFaults(t *testing.T) {
	t.Parallel()
	const key = `write a key, such as status or checks[0].status; one with other characters as ["a key"]`
	const index = `write an index from 0 on, or a key in double quotes, such as [0] or ["a key"]`
	const operators = "write one of == != < <= > >= contains matches exists absent"
	const value = `write a JSON value: text in double quotes with \\ for a backslash, a number, true, false or null`
	for text, want := range map[string]string{
		"":                        "at character 1: " + key,
		" ":                       "at character 2: " + key,
		`== "ok"`:                 "at character 1: " + key,
		`status. == "ok"`:         "at character 8: " + key,
		`a..b == 1`:               "at character 3: " + key,
		`$. == 1`:                 "at character 3: " + key,
		`'a b' == 1`:              "at character 1: " + key,
		`a[x] == 1`:               "at character 3: " + index,
		`a[-1] == 1`:              "at character 3: " + index,
		`a['x'] == 1`:             "at character 3: " + index,
		`a[] == 1`:                "at character 3: " + index,
		`a[99999999999999999999]`: "at character 3: " + index,
		`a["x] == 1`:              "at character 3: " + value,
		`a[0 == 1`:                "at character 4: write ] here",
		`a["x" == 1`:              "at character 6: write ] here",
		`größe`:                   "at character 6: " + operators,
		`status = "ok"`:           "at character 8: " + operators,
		`status is "ok"`:          "at character 8: " + operators,
		`status == `:              "at character 11: " + value,
		`status == ok`:            "at character 11: " + value,
		`status == 'ok'`:          "at character 11: " + value,
		`status matches "\d"`:     "at character 16: " + value,
		`status == "ok" or true`:  "at character 16: nothing may follow the value",
		`status === "ok"`:         "at character 10: " + value,
		`status exists "ok"`:      "at character 15: nothing may follow exists",
		`n < "5"`:                 "at character 5: < compares with a number: write a number here",
		`s matches 5`:             "at character 11: matches compares with text: write text here",
		`s matches "("`:           "at character 11: this is not a regular expression (RE2): missing closing )",
		strings.Repeat("é", 501):  "an assertion has at most 500 characters",
	} {
		_, err := parseAssertion(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v\nwant %s", text, err, want)
		}
	}
}

func TestTooManyAssertions(t *testing.T) {
	t.Parallel()
	assertions := slices.Repeat([]string{"status exists"}, 21)
	for n, right := range map[int]bool{20: true, 21: false} {
		var faults scout.Faults
		httpExpect{JSON: assertions[:n]}.compileJSON(&faults)
		if err := faults.Err(); !right {
			expectFault(t, err, scout.FieldError{Field: "expect.json", Message: "write at most 20 assertions"})
		} else if err != nil {
			t.Errorf("%d assertions: %v", n, err)
		}
	}
}

func TestHTTPJSON(t *testing.T) {
	t.Parallel()
	n := web(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			_, _ = io.WriteString(w, `{"status": "ok", "note": "<!channel>"}`)
		case "/two":
			_, _ = io.WriteString(w, `{"status": "ok"}{}`)
		case "/long":
			_, _ = io.WriteString(w, `{"status": "ok", "padding": "`+strings.Repeat("x", maxHTTPBody)+`"}`)
		}
	})
	const wrong = "HTTP service answered 200 OK on port 80, but "
	tests := []struct {
		path       string
		assertions []string
		level      scout.Level
		want       string
	}{
		{"/ok", []string{`status == "ok"`, `note exists`}, scout.Up, "HTTP service answers on port 80 (200 OK)"},
		{"/ok", []string{`status == "ok"`, `note == "fine"`, `more exists`}, scout.Down, wrong + `note == "fine" does not hold`},
		{"/ok", []string{`status == "` + strings.Repeat("é", 200) + `"`}, scout.Down, wrong + `status == "` + strings.Repeat("é", 88) + `… does not hold`},
		{"/empty", []string{`status == "ok"`}, scout.Down, wrong + "the answer is not valid JSON"},
		{"/two", []string{`status == "ok"`}, scout.Down, wrong + "the answer is not valid JSON"},
		{"/long", []string{`status == "ok"`}, scout.Down, wrong + "the first 1 MiB of the answer is not valid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			check := scout.Check{Target: "http://www.example.com" + tt.path, Settings: scout.Settings{"expect": map[string]any{"json": tt.assertions}}}
			expect(t, observe(t, compileHTTP, check, n), tt.level, tt.want)
		})
	}
}

// A parsed assertion judges any document without a panic, and blanks around
// it mean nothing. A fault names a position in the text.
func FuzzParseAssertion(f *testing.F) {
	for _, s := range []string{
		`status == "ok"`, `checks[0].latency_ms < 200`, `items.length > 0`, `$["a b"] matches "^v\\d"`, `version exists`, `$ != [1, {"a": null}]`, `a[`, `$.`,
	} {
		f.Add(s, jsonDocument)
	}
	position := regexp.MustCompile(`^at character ([0-9]+): .`)
	f.Fuzz(func(t *testing.T, text, document string) {
		a, err := parseAssertion(text)
		if err != nil {
			found := position.FindStringSubmatch(err.Error())
			if found == nil && utf8.RuneCountInString(text) <= maxAssertionLength {
				t.Fatalf("%q: the fault has no position: %v", text, err)
			}
			if found != nil {
				if at, _ := strconv.Atoi(found[1]); at < 1 || at > utf8.RuneCountInString(text)+1 {
					t.Fatalf("%q: the fault lies outside: %v", text, err)
				}
			}
			return
		}
		again, err := parseAssertion("\t" + a.text + " ")
		if err != nil {
			t.Fatalf("%q: with blanks around it: %v", text, err)
		}
		value, err := decodeJSON([]byte(document))
		if err != nil {
			t.Skip("no JSON document")
		}
		if one, two := a.complaint(value), again.complaint(value); one != two {
			t.Errorf("%q: %q, with blanks around it %q", text, one, two)
		}
	})
}

// Text after the value, and text that ends early, are not JSON.
func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "{", `{"a":1} x`, `1 2`, `{} }`, "'a'", `{"a":1,}`} {
		if value, err := decodeJSON([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, value)
		}
	}
	if _, err := decodeJSON([]byte("[")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an open list: got %v", err)
	}
}
