package manage

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"serverscout/internal/egress"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// Every secret that the generators write holds hidden or is a signing secret.
const (
	hidden        = "hunter2-correct-horse"
	signing       = "whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl"
	signingBefore = "whsec_YmVmb3JlLWh1bnRlcjItY29ycmVjdC1ob3JzZS1iYXR0ZXJ5"
	routing       = "hunter2correcthorsebatterystaple" // 32 letters and digits
)

var secretTexts = []string{hidden, signing, signingBefore, routing}

func genName() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("azAZ09-_./äß漢字жλ🐧'\"&<")), 1, 20, -1)
		return strings.Join(rapid.SliceOfN(word, 1, 3).Draw(t, "words"), " ")
	})
}

func genNames() *rapid.Generator[any] {
	return rapid.Map(rapid.SliceOfN(genName(), 0, 4), func(names []string) any {
		list := []any{}
		for _, n := range names {
			list = append(list, n)
		}
		return list
	})
}

func genServer() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		return some(t, map[string]any{
			"name": genName().Draw(t, "name"),
			"ip":   rapid.SampledFrom([]string{"", "192.0.2.1", "2001:db8::1", "web.example.com", "bücher.example."}).Draw(t, "ip"),
			"tags": genNames().Draw(t, "tags"),
		}, "name")
	})
}

// some leaves out any of the keys that are not required.
func some(t *rapid.T, all map[string]any, required ...string) map[string]any {
	for _, key := range sortedKeys(all) {
		if !slices.Contains(required, key) && rapid.Bool().Draw(t, "without "+key) {
			delete(all, key)
		}
	}
	return all
}

// genCheck draws a check of a kind from its metadata. Now and then it is not
// valid, since kinds have rules that metadata cannot say.
func genCheck(kind probe.Kind) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		in := genFields(t, CheckFields(kind))
		in["kind"] = kind.Name
		delete(in, "target")
		if !kind.Passive {
			in["target"] = rapid.SampledFrom([]string{
				"https://ops:" + hidden + "@example.com/health?a=b", "https://" + hidden + "@example.com", "http://web:8080/", "example.com:22", "example.com",
			}).Draw(t, "target")
		}
		if kind.Name == "dns" || kind.Name == "icmp" {
			in["target"] = "example.com"
		}
		tame(in)
		return in
	})
}

// tame takes out what can hardly be valid when it is drawn at random:
// certificates, two ways to sign in, and answers of another record's form.
func tame(in map[string]any) {
	for _, key := range []string{"ca", "client_certificate", "client_key"} {
		delete(in, key)
	}
	if in["bearer_token"] != nil {
		delete(in, "basic_auth")
		delete(in, "headers")
	}
	if in["basic_auth"] != nil {
		in["basic_auth"] = map[string]any{"username": "probe", "password": hidden}
		delete(in, "headers")
	}
	if expect, ok := in["expect"].(map[string]any); ok && expect["answers"] != nil {
		in["record"] = "MX"
		delete(expect, "rcode")
	} else if ok {
		delete(expect, "exact")
	}
}

func genFields(t *rapid.T, fields []scout.Field) map[string]any {
	all := map[string]any{}
	required := []string{}
	for _, f := range fields {
		all[f.Name] = genValue(t, f)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return some(t, all, required...)
}

func genValue(t *rapid.T, f scout.Field) any {
	switch f.Type {
	case scout.TypeObject:
		return genFields(t, f.Fields)
	case scout.TypeInteger:
		return rapid.Int64Range(f.Min, f.Max).Draw(t, f.Name)
	case scout.TypeBoolean:
		return rapid.Bool().Draw(t, f.Name)
	case scout.TypeDuration:
		least, most := time.Duration(f.Min).Milliseconds(), min(time.Duration(f.Max), 50*time.Hour).Milliseconds()
		return scout.Duration(time.Duration(rapid.Int64Range(least, most).Draw(t, f.Name)) * time.Millisecond).String()
	case scout.TypeStrings:
		return []any{f.Example}
	case scout.TypeMap:
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Authorization", "X-Key", "Accept"}), 0, 3, rapid.ID).Draw(t, f.Name)
		m := map[string]any{}
		for _, n := range names {
			m[n] = "Bearer"
			if f.Secret {
				m[n] = "Bearer " + hidden
			}
		}
		return m
	}
	if f.Secret {
		return hidden
	}
	if len(f.Enum) > 0 {
		return rapid.SampledFrom(f.Enum).Draw(t, f.Name)
	}
	return rapid.SampledFrom([]string{"ok", "www.example.com"}).Draw(t, f.Name)
}

func genWebhook() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		headers := genValue(t, scout.Field{Name: "headers", Type: scout.TypeMap, Secret: true})
		types := rapid.SliceOfNDistinct(rapid.SampledFrom(scout.AllAlerts.Names()), 1, 3, rapid.ID).Draw(t, "types")
		match := some(t, map[string]any{
			"servers": genNames().Draw(t, "servers"), "tags": genNames().Draw(t, "tags"), "checks": genNames().Draw(t, "checks"),
		})
		format := rapid.SampledFrom(append(formatNames(), "auto")).Draw(t, "format")
		in := some(t, map[string]any{
			"name": genName().Draw(t, "name"),
			"url": rapid.SampledFrom([]string{
				"https://hooks.slack.com/services/T0/B0/" + hidden,
				"https://ops:" + hidden + "@example.com/hook?token=" + hidden + "&wait=true",
				"http://" + hidden + "@[2001:db8::1]:8080/",
				"https://example.com/hook?" + hidden,
			}).Draw(t, "url"),
			"format":          format,
			"alert_types":     types,
			"headers":         headers,
			"secret":          signing,
			"previous_secret": signingBefore,
			"match":           match,
		}, "name", "url", "format")
		maps.Copy(in, credentialsOf[format])
		if format == "telegram" {
			in["url"] = "https://api.telegram.org/bot123456:" + hidden + "/sendMessage"
		}
		return in
	})
}

// credentialsOf are the settings that formats cannot do without.
var credentialsOf = map[string]map[string]any{
	"pagerduty": {"routing_key": routing},
	"gotify":    {"token": hidden},
	"ntfy":      {"token": hidden, "topic": hidden},
	"telegram":  {"chat_id": "-1001234567890"},
}

// sameValues compares objects whole, with the values of secrets.
func sameValues(t *rapid.T, what string, got, want any) {
	t.Helper()
	secrets := cmp.Comparer(func(a, b scout.Secret) bool { return a.Reveal() == b.Reveal() })
	if d := cmp.Diff(want, got, secrets, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

// plain is an input as the API reads it.
func plain(t *rapid.T, v map[string]any) map[string]any {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// holdsSecret reports whether the JSON or text of v has one of the secrets.
func holdsSecret(t *rapid.T, v any) bool {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(secretTexts, func(s string) bool { return bytes.Contains(b, []byte(s)) })
}

func TestServersSurviveDescribing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, err := ParseServer(genServer().Draw(t, "in"))
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []map[string]any{DescribeServer(s), plain(t, DescribeServer(s))} {
			again, err := ParseServer(in)
			if err != nil {
				t.Fatal(err)
			}
			sameValues(t, "the server described and parsed", again, s)
		}
	})
}

func TestChecksSurviveDescribing(t *testing.T) {
	t.Parallel()
	server := scout.Server{ID: 7, Name: "web", IP: "192.0.2.1"}
	for _, kind := range probe.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				c, err := ParseCheck(server, genCheck(kind).Draw(t, "in"))
				if err != nil {
					t.Skip(err)
				}
				for _, in := range []map[string]any{DescribeCheck(c), plain(t, DescribeCheck(c))} {
					again, err := ParseCheck(server, in)
					if err != nil {
						t.Fatal(err)
					}
					sameValues(t, "the check described and parsed", again, c)
				}
				shown := ShowCheck(c)
				if holdsSecret(t, shown) {
					t.Fatalf("a secret is shown: %v", shown)
				}
				c.ID, c.ParentID, c.Paused, c.Source, c.CreatedAt = 1, 2, true, scout.FromDatabase, time.Unix(1, 0)
				kept, err := changeCheck(server, c, plain(t, shown))
				if err != nil {
					t.Fatal(err)
				}
				sameValues(t, "the check changed to what was shown of it", kept, c)
			})
		})
	}
}

func TestWebhooksSurviveDescribing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, err := ParseWebhook(genWebhook().Draw(t, "in"), egress.CheckURL)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []map[string]any{DescribeWebhook(w), plain(t, DescribeWebhook(w))} {
			again, err := ParseWebhook(in, egress.CheckURL)
			if err != nil {
				t.Fatal(err)
			}
			sameValues(t, "the webhook described and parsed", again, w)
		}
		shown := ShowWebhook(w)
		if holdsSecret(t, shown) {
			t.Fatalf("a secret is shown: %v", shown)
		}
		w.ID, w.Source, w.CreatedAt, w.Paused = 1, scout.FromDatabase, time.Unix(1, 0), true
		w.DisabledAt, w.DisabledWhy, w.Health.FailStreak = time.Unix(2, 0), "gone", 3
		kept, err := changeWebhook(w, plain(t, shown), egress.CheckURL)
		if err != nil {
			t.Fatal(err)
		}
		sameValues(t, "the webhook changed to what was shown of it", kept, w)
	})
}

// wrongURLs are right nowhere, and have a secret where URLs have theirs.
var wrongURLs = []any{
	"ftp://ops:" + hidden + "@example.com/", "https://ops:" + hidden + "@exa mple.com/", "https://ops:" + hidden + "@example.com:0/",
	"https://ops:" + hidden + "@" + strings.Repeat("a", 5000), "https://ops:" + hidden + scout.Masked + "@example.com",
	[]any{"https://ops:" + hidden + "@example.com/"},
	map[string]any{"https": "ops:" + hidden},
}

// wrongSecrets are right for no secret.
var wrongSecrets = []any{
	[]any{hidden},
	map[string]any{"A": []any{hidden}},
	map[string]any{"a b": hidden},
	map[string]any{"A": hidden + "\n"},
	hidden + "\x00", strings.Repeat(hidden, 300), scout.Masked + hidden, signing + " ",
}

// Where a secret may stand, no fault repeats it, whatever is wrong with it.
func TestFaultsNameNoSecret(t *testing.T) {
	t.Parallel()
	server := scout.Server{Name: "web"}
	rapid.Check(t, func(t *rapid.T) {
		webhook := genWebhook().Draw(t, "webhook")
		webhook["url"] = rapid.SampledFrom(wrongURLs).Draw(t, "url")
		for _, key := range []string{"headers", "secret", "previous_secret"} {
			webhook[key] = rapid.SampledFrom(wrongSecrets).Draw(t, key)
		}
		_, err := ParseWebhook(webhook, egress.CheckURL)
		wantSecretFree(t, err)
		kind, _ := probe.Lookup(rapid.SampledFrom(kindNames()).Draw(t, "kind"))
		check := genCheck(kind).Draw(t, "check")
		check["target"] = rapid.SampledFrom(wrongURLs).Draw(t, "target")
		for _, f := range kind.Fields {
			if f.Secret {
				check[f.Name] = rapid.SampledFrom(wrongSecrets).Draw(t, f.Name)
			}
		}
		_, err = ParseCheck(server, check)
		wantSecretFree(t, err)
	})
}

func wantSecretFree(t *rapid.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("the input was accepted")
	}
	if holdsSecret(t, err) || strings.Contains(err.Error(), hidden) {
		t.Fatalf("a fault repeats a secret: %v", err)
	}
}
