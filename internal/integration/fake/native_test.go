package fake_test

import (
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

// change replaces a part of a body that must be there.
func change(t *testing.T, body, old, with string) string {
	t.Helper()
	if !strings.Contains(body, old) {
		t.Fatalf("%q is not part of %s", old, body)
	}
	return strings.Replace(body, old, with, 1)
}

func TestNativeAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a payload":     validNative,
		"white space":   change(t, validNative, `,"service"`, ",\n  \"service\""),
		"long duration": change(t, validNative, "00:05:23", "123:04:05"),
		"a test":        change(t, validNative, "12345", "test-12345"),
		"no address":    change(t, validNative, "192.168.1.100", ""),
		"a warning":     change(t, change(t, validNative, "critical", "warning"), `"down"`, `"warning"`),
		"a recovery":    change(t, change(t, validNative, "critical", "info"), `"down"`, `"recovered"`),
	} {
		if r := fake.CheckNative([]byte(body)); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestNativeRejects(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, why string }{
		"nothing":           {"", "not one JSON value"},
		"trailing data":     {validNative + "{}", "not one JSON value"},
		"invalid UTF-8":     {change(t, validNative, "HTTP", "HT\xffTP"), "UTF-8"},
		"an array":          {"[" + validNative + "]", "not a JSON object"},
		"a key twice":       {change(t, validNative, `"service"`, `"service":"x","service"`), "twice"},
		"one key more":      {change(t, validNative, `"service"`, `"extra":"x","service"`), "the keys are"},
		"one key less":      {change(t, validNative, `"service":"HTTP",`, ""), "the keys are"},
		"another order":     {change(t, change(t, validNative, `"service":"HTTP",`, ""), `"message"`, `"service":"HTTP","message"`), "the keys are"},
		"a number":          {change(t, validNative, `"12345"`, `12345`), "not a string"},
		"null":              {change(t, validNative, `"192.168.1.100"`, `null`), "not a string"},
		"unknown status":    {change(t, validNative, `"down"`, `"up"`), "status"},
		"wrong severity":    {change(t, validNative, "critical", "warning"), "severity"},
		"bad alert id":      {change(t, validNative, "12345", "a12345"), "alert_id"},
		"short hours":       {change(t, validNative, "00:05:23", "0:05:23"), "duration"},
		"padded hours":      {change(t, validNative, "00:05:23", "000:05:23"), "duration"},
		"61 seconds":        {change(t, validNative, "00:05:23", "00:05:61"), "duration"},
		"negative duration": {change(t, validNative, "00:05:23", "-0:05:23"), "duration"},
		"local time":        {change(t, validNative, "10:30:00Z", "10:30:00+00:00"), "timestamp"},
		"milliseconds":      {change(t, validNative, "10:30:00Z", "10:30:00.000Z"), "timestamp"},
		"month 13":          {change(t, validNative, "2024-01", "2024-13"), "month"},
	} {
		r := fake.CheckNative([]byte(tc.body))
		if r == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if r.Status != 400 || r.Word != "invalid_payload" || !strings.Contains(r.Why, tc.why) {
			t.Errorf("%s: %v, want 400 because of %q", name, r, tc.why)
		}
	}
}

func FuzzCheckNative(f *testing.F) {
	f.Add([]byte(validNative))
	f.Add([]byte(`{"a":[{}],"a":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if r := fake.CheckNative(body); r != nil && r.Why == "" {
			t.Errorf("rejected without a reason")
		}
	})
}
