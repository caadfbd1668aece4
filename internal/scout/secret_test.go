package scout_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// hidden is the value that must not come out in any form of the tests.
const hidden = "correct-horse-battery"

// checkHidden fails if the text gives the value away, in clear, quoted, or in
// hexadecimal digits.
func checkHidden(t *testing.T, where, text string) {
	t.Helper()
	for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), fmt.Sprint([]byte(hidden))} {
		if strings.Contains(text, form) {
			t.Errorf("%s gives the secret away: %s", where, text)
		}
	}
}

func TestSecretPrintsMasked(t *testing.T) {
	t.Parallel()
	secret := scout.NewSecret(hidden)
	for _, verb := range "vsqxXdobcUeEfFgGtz" {
		for _, flags := range []string{"", "+", "#", "-40", "08.3"} {
			format := "%" + flags + string(verb)
			if got := fmt.Sprintf(format, secret); got != scout.Masked {
				t.Errorf("%s prints %q, want the mask", format, got)
			}
			checkHidden(t, format+" of a pointer", fmt.Sprintf(format, &secret))
			checkHidden(t, format+" of a slice", fmt.Sprintf(format, []scout.Secret{secret}))
			checkHidden(t, format+" of a map", fmt.Sprintf(format, map[scout.Secret]scout.Secret{secret: secret}))
			checkHidden(t, format+" of a header", fmt.Sprintf(format, scout.Header{Name: "Authorization", Value: secret}))
			checkHidden(t, format+" of a webhook", fmt.Sprintf(format, &scout.Webhook{URL: secret, Secret: secret}))
		}
	}
	checkHidden(t, "Sprintln", fmt.Sprintln(secret, &secret))
	checkHidden(t, "an error", fmt.Errorf("sending with %v failed", secret).Error())
}

func TestSecretMarshalsMasked(t *testing.T) {
	t.Parallel()
	w := scout.Webhook{URL: scout.NewSecret(hidden), Headers: []scout.Header{{Name: "X", Value: scout.NewSecret(hidden)}}}
	b, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	checkHidden(t, "JSON", string(b))
	b, err = json.Marshal(map[scout.Secret]*scout.Secret{w.URL: &w.URL})
	if want := `{"` + scout.Masked + `":"` + scout.Masked + `"}`; err != nil || string(b) != want {
		t.Errorf("a map in JSON is %s, %v; want %s", b, err, want)
	}
	b, err = xml.Marshal(w.Headers[0])
	if err != nil || !strings.Contains(string(b), scout.Masked) {
		t.Errorf("XML is %s, %v; want the mask in it", b, err)
	}
	checkHidden(t, "XML", string(b))
}

func TestSecretLogsMasked(t *testing.T) {
	t.Parallel()
	secret := scout.NewSecret(hidden)
	if got := secret.LogValue().String(); got != scout.Masked {
		t.Errorf("LogValue is %q, want the mask", got)
	}
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			slog.New(handler(&out)).With("with", secret).Info("sent", "secret", secret, "pointer", &secret,
				"header", scout.Header{Name: "X", Value: secret}, slog.Group("group", "secret", secret), "list", []scout.Secret{secret})
			checkHidden(t, name, out.String())
			if got := strings.Count(out.String(), scout.Masked); got != 6 {
				t.Errorf("%d masks in %s, want 6", got, &out)
			}
		})
	}
}

func TestSecretReveals(t *testing.T) {
	t.Parallel()
	secret, empty := scout.NewSecret(hidden), scout.NewSecret("")
	if got := secret.Reveal(); got != hidden || secret.Empty() {
		t.Errorf("Reveal = %q, Empty = %t", got, secret.Empty())
	}
	if empty != (scout.Secret{}) || !empty.Empty() || empty.Reveal() != "" || fmt.Sprintf("%v%q", empty, empty) != "" {
		t.Errorf("the empty secret prints %q and reveals %q, want nothing", empty.String(), empty.Reveal())
	}
	if secret != scout.NewSecret(hidden) || secret == empty {
		t.Error("secrets do not compare by their values")
	}
}

func TestSettingsPrintMasked(t *testing.T) {
	t.Parallel()
	settings := scout.Settings{"token": hidden, "method": "GET"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		if got := fmt.Sprintf(format, settings); got != "settings(2)" {
			t.Errorf("%s prints %q, want settings(2)", format, got)
		}
		checkHidden(t, format+" of a check", fmt.Sprintf(format, scout.Check{Settings: settings}))
	}
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("read", "settings", settings)
	}
	checkHidden(t, "the log", out.String())
}

func TestSettingsDecode(t *testing.T) {
	t.Parallel()
	type options struct {
		Method string `json:"method"`
		Expect struct {
			Status []string `json:"status"`
		} `json:"expect"`
	}
	var got options
	settings := scout.Settings{"method": "GET", "expect": map[string]any{"status": []any{"200-299"}}}
	if err := settings.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := options{Method: "GET"}
	want.Expect.Status = []string{"200-299"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	faulty := map[string]scout.Settings{
		"an unknown key":   {"methods": "GET"},
		"one further down": {"expect": map[string]any{"code": 200}},
		"a wrong type":     {"method": 7},
		"no JSON value":    {"method": func() {}},
	}
	for name, settings := range faulty {
		if err := settings.Decode(&options{}); err == nil {
			t.Errorf("Decode takes %s", name)
		}
	}
	if err := scout.Settings(nil).Decode(&options{}); err != nil {
		t.Errorf("Decode of no settings: %v", err)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	fields := []scout.Field{
		{Name: "method", Type: scout.TypeString},
		{Name: "token", Type: scout.TypeString, Secret: true},
		{Name: "keys", Type: scout.TypeStrings, Secret: true},
		{Name: "headers", Type: scout.TypeMap, Secret: true},
		{Name: "labels", Type: scout.TypeMap},
		{Name: "auth", Type: scout.TypeObject, Fields: []scout.Field{
			{Name: "user", Type: scout.TypeString},
			{Name: "password", Type: scout.TypeString, Secret: true},
		}},
		{Name: "absent", Type: scout.TypeString, Secret: true},
	}
	settings := scout.Settings{
		"method":  "GET",
		"token":   hidden,
		"keys":    []any{hidden},
		"headers": map[string]any{"Authorization": hidden, "Cookie": hidden},
		"labels":  map[string]any{"team": "ops"},
		"auth":    map[string]any{"user": "me", "password": hidden, "unknown": hidden},
		"unknown": hidden,
	}
	want := scout.Settings{
		"method":  "GET",
		"token":   scout.Masked,
		"keys":    scout.Masked,
		"headers": map[string]any{"Authorization": scout.Masked, "Cookie": scout.Masked},
		"labels":  map[string]any{"team": "ops"},
		"auth":    map[string]any{"user": "me", "password": scout.Masked},
	}
	got := scout.Mask(fields, settings)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Mask (-want +got):\n%s", diff)
	}
	if settings["token"] != hidden || settings["auth"].(map[string]any)["password"] != hidden {
		t.Error("Mask changed the settings it was given")
	}
	// What does not have its field's form is not shown either.
	odd := scout.Mask(fields, scout.Settings{"headers": hidden, "auth": hidden, "token": []any{hidden}})
	b, err := json.Marshal(odd)
	if err != nil {
		t.Fatal(err)
	}
	checkHidden(t, "Mask of odd settings", string(b))
}

func TestFieldNames(t *testing.T) {
	t.Parallel()
	got := scout.FieldNames([]scout.Field{{Name: "method"}, {Name: "body"}, {Name: "headers"}})
	if diff := cmp.Diff([]string{"body", "headers", "method"}, got); diff != "" {
		t.Errorf("FieldNames (-want +got):\n%s", diff)
	}
}
