package integration_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

func TestSignKnownAnswer(t *testing.T) {
	t.Parallel()
	secret := scout.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	at := time.Unix(1614265330, 999_000_000)
	h, err := integration.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`), secret)
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Webhook-Id":        {"msg_p5jXN8AQM9LWM0D4loKWxJek"},
		"Webhook-Timestamp": {"1614265330"},
		"Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestSignWithoutSecret(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]scout.Secret{nil, {{}}, {{}, {}}} {
		h, err := integration.Sign("msg_1", time.Unix(1700000000, 0), []byte("x"), secrets...)
		want := http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {"1700000000"}}
		if diff := cmp.Diff(want, h); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func TestSignRefusesABadSecret(t *testing.T) {
	t.Parallel()
	_, err := integration.Sign("msg_1", instant, nil, integration.NewSecret(), scout.NewSecret("whsec_tooshort"))
	if err == nil || scout.CodeOf(err) != scout.Invalid || strings.Contains(err.Error(), "tooshort") {
		t.Errorf("error %v", err)
	}
}

// TestSignAgainstTheOfficialLibrary checks that each of several secrets
// verifies the message, that another one does not, and that no change of id,
// time or body goes unnoticed.
func TestSignAgainstTheOfficialLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`msg_[0-9a-z]{26}`).Draw(t, "id")
		at := time.Unix(rapid.Int64Range(0, 1<<35).Draw(t, "at"), 0)
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		keys := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.Byte(), 24, 64), 2, 3, func(k []byte) string { return string(k) }).Draw(t, "keys")
		other, keys := keys[0], keys[1:]
		var secrets []scout.Secret
		for _, key := range keys {
			secrets = append(secrets, scout.NewSecret("whsec_"+base64.StdEncoding.EncodeToString(key)), scout.Secret{})
		}
		h, err := integration.Sign(id, at, body, secrets...)
		if err != nil {
			t.Fatal(err)
		}
		signatures := strings.Split(h.Get("Webhook-Signature"), " ")
		for i, key := range keys {
			judge, err := standardwebhooks.NewWebhookRaw(key)
			if err != nil {
				t.Fatal(err)
			}
			if err := judge.VerifyIgnoringTimestamp(body, h); err != nil {
				t.Fatalf("key %d: %v", i, err)
			}
			if want, _ := judge.Sign(id, at, body); signatures[i] != want {
				t.Fatalf("signature %d is %q, want %q", i, signatures[i], want)
			}
			refuse(t, judge, append(slices.Clone(body), 'x'), h)
			refuse(t, judge, body, with(h, "Webhook-Id", id+"x"))
			refuse(t, judge, body, with(h, "Webhook-Timestamp", strconv.FormatInt(at.Unix()+1, 10)))
		}
		if len(signatures) != len(keys) {
			t.Fatalf("%d signatures for %d secrets", len(signatures), len(keys))
		}
		stranger, err := standardwebhooks.NewWebhookRaw(other)
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, stranger, body, h)
	})
}

func refuse(t *rapid.T, judge *standardwebhooks.Webhook, body []byte, h http.Header) {
	t.Helper()
	if judge.VerifyIgnoringTimestamp(body, h) == nil {
		t.Fatalf("a changed message is accepted: %v", h)
	}
}

func with(h http.Header, name, value string) http.Header {
	changed := h.Clone()
	changed.Set(name, value)
	return changed
}

func TestParseSecret(t *testing.T) {
	t.Parallel()
	of := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for name, tc := range map[string]struct {
		secret string
		size   int // 0: refused
		why    string
	}{
		"shortest":        {"whsec_" + of(24), 24, ""},
		"padded":          {"whsec_" + of(32), 32, ""},
		"longest":         {"whsec_" + of(64), 64, ""},
		"too short":       {"whsec_" + of(23), 0, "24 to 64 bytes, this one 23"},
		"too long":        {"whsec_" + of(65), 0, "24 to 64 bytes, this one 65"},
		"empty":           {"", 0, "begins with whsec_"},
		"prefix alone":    {"whsec_", 0, "24 to 64 bytes"},
		"no prefix":       {of(32), 0, "begins with whsec_"},
		"private key":     {"whsk_" + of(32), 0, "begins with whsec_"},
		"upper case":      {"WHSEC_" + of(32), 0, "begins with whsec_"},
		"URL alphabet":    {"whsec_" + strings.Repeat("-_", 16), 0, "standard base64"},
		"no padding":      {"whsec_" + strings.TrimRight(of(32), "="), 0, "standard base64"},
		"line end":        {"whsec_" + of(24) + "\n", 0, "standard base64"},
		"line end inside": {"whsec_" + of(12) + "\r\n" + of(12), 0, "standard base64"},
		"space":           {"whsec_ " + of(24), 0, "standard base64"},
		"trailing bits":   {"whsec_" + strings.Repeat("A", 42) + "B=", 0, "standard base64"},
	} {
		key, err := integration.ParseSecret(tc.secret)
		if tc.size > 0 {
			if err != nil || len(key) != tc.size {
				t.Errorf("%s: %d bytes, %v", name, len(key), err)
			}
			continue
		}
		if err == nil || scout.CodeOf(err) != scout.Invalid || !strings.Contains(err.Error(), tc.why) {
			t.Errorf("%s: error %v, want Invalid with %q", name, err, tc.why)
		}
	}
}

func TestNewSecret(t *testing.T) {
	t.Parallel()
	a, b := integration.NewSecret(), integration.NewSecret()
	if a == b {
		t.Error("two new secrets are equal")
	}
	if key, err := integration.ParseSecret(a.Reveal()); err != nil || len(key) != 32 {
		t.Errorf("%d bytes, %v", len(key), err)
	}
}

func FuzzParseSecret(f *testing.F) {
	f.Add("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	f.Add("whsec_")
	f.Fuzz(func(t *testing.T, s string) {
		key, err := integration.ParseSecret(s)
		if err == nil && "whsec_"+base64.StdEncoding.EncodeToString(key) != s {
			t.Errorf("%q is read as something else", s)
		}
		if err != nil && key != nil {
			t.Error("a key beside an error")
		}
	})
}
