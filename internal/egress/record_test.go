package egress

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

const m = scout.Masked

func TestRecord(t *testing.T) {
	t.Parallel()
	got := Record(scout.Request{
		URL:         "https://u:pass%20word@hooks.example.com/services/KEY-1/x?sig=abc",
		ContentType: "application/json",
		Header: http.Header{
			"X-B":             {"two", "KEY-1 inside"},
			"X-A":             {"abc"},
			"X-Ab":            {"abcd"},
			"X-Api-Key":       {"anything"},
			"Client-Secret":   {"anything"},
			"Host":            {"never sent"},
			"Idempotency-Key": {"id"},
			"Authorization":   {"Bearer other"},
			"X-Auth-Token":    {""},
		},
		Body:    []byte(`{"key":"KEY-1","note":"abc, pass word"}`),
		Secrets: []string{"KEY-1"},
	}, []string{"abc", ""})
	want := scout.Exchange{
		Line: "POST https://u:" + m + "@hooks.example.com/services/" + m + "/x?sig=" + m,
		Header: [][2]string{
			{"Authorization", m},
			{"Client-Secret", m},
			{"Content-Type", "application/json"},
			{"Idempotency-Key", "id"},
			{"X-A", m},
			{"X-Ab", "abcd"},
			{"X-Api-Key", m},
			{"X-Auth-Token", ""},
			{"X-B", "two"},
			{"X-B", m + " inside"},
		},
		Body: `{"key":"` + m + `","note":"abc, ` + m + `"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecordMasksBasicAuthOfTheURL(t *testing.T) {
	t.Parallel()
	got := Record(scout.Request{URL: "https://u:pw@example.com/"}, nil)
	want := scout.Exchange{Line: "POST https://u:" + m + "@example.com/", Header: [][2]string{{"Authorization", m}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecordSeesThroughEscapesOfThePath(t *testing.T) {
	t.Parallel()
	got := Record(scout.Request{URL: "https://example.com/a%20b/%4bEY-1", Secrets: []string{"KEY-1"}}, nil)
	if want := "POST https://example.com/a b/" + m; got.Line != want {
		t.Errorf("got %q, want %q", got.Line, want)
	}
}

func TestLongestSecretIsMaskedFirst(t *testing.T) {
	t.Parallel()
	if got := newMasker([]string{"abcd", "abcdefgh", "abcde"}).mask("<abcdefgh>"); got != "<"+m+">" {
		t.Errorf("got %q", got)
	}
}

func TestRecordOfUnreadableURL(t *testing.T) {
	t.Parallel()
	if got := Record(scout.Request{URL: "https://u:pw@exa mple/"}, nil); got.Line != "POST "+m {
		t.Errorf("got %q", got.Line)
	}
}

func TestRecordResponse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		resp scout.Response
		want scout.Exchange
	}{
		{"none", scout.Response{}, scout.Exchange{}},
		{
			"usual",
			scout.Response{Status: 200, Proto: "HTTP/1.1", Body: []byte("ok"), Header: http.Header{
				"Set-Cookie": {"a=b", "c=d"}, "Date": {"today"}, "X-Echo": {"Bearer topsecret"},
			}},
			scout.Exchange{Line: "HTTP/1.1 200 OK", Body: "ok", Header: [][2]string{
				{"Date", "today"}, {"Set-Cookie", m}, {"Set-Cookie", m}, {"X-Echo", m},
			}},
		},
		{"unknown status", scout.Response{Status: 599, Proto: "HTTP/2.0"}, scout.Exchange{Line: "HTTP/2.0 599"}},
		{
			"a part of a header value",
			scout.Response{Status: 403, Proto: "HTTP/1.1", Body: []byte("bad token topsecret!")},
			scout.Exchange{Line: "HTTP/1.1 403 Forbidden", Body: "bad token " + m + "!"},
		},
		{
			"cut already",
			scout.Response{Status: 200, Proto: "HTTP/1.1", Body: []byte("x"), Truncated: true},
			scout.Exchange{Line: "HTTP/1.1 200 OK", Body: "x", Truncated: true},
		},
		{
			"at the limit",
			scout.Response{Status: 200, Body: []byte(strings.Repeat("x", keptBody))},
			scout.Exchange{Line: "200 OK", Body: strings.Repeat("x", keptBody)},
		},
		{
			"over the limit, inside a character",
			scout.Response{Status: 200, Body: []byte(strings.Repeat("x", keptBody-1) + "é")},
			scout.Exchange{Line: "200 OK", Body: strings.Repeat("x", keptBody-1), Truncated: true},
		},
		{
			"a secret across the limit",
			scout.Response{Status: 200, Body: []byte(strings.Repeat("x", keptBody-3) + "topsecret")},
			scout.Exchange{Line: "200 OK", Body: strings.Repeat("x", keptBody-3) + "•", Truncated: true},
		},
		{"not UTF-8", scout.Response{Status: 200, Body: []byte("a\xff\xfeb")}, scout.Exchange{Line: "200 OK", Body: "a\uFFFDb"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, RecordResponse(test.resp, []string{"Bearer topsecret"})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordedHeaderIsBounded(t *testing.T) {
	t.Parallel()
	h := http.Header{"A": {strings.Repeat("x", 5000)}}
	for _, name := range []string{"B", "C", "D"} {
		h[name] = slices.Repeat([]string{strings.Repeat("y", 1000)}, 20)
	}
	fields := RecordResponse(scout.Response{Status: 200, Header: h}, nil).Header
	size := 0
	for _, f := range fields {
		size += len(f[0]) + len(f[1])
	}
	if size > keptHeader+100 || fields[len(fields)-1][0] != "…" || len(fields[0][1]) > keptHeaderValue+4 {
		t.Errorf("%d fields of %d bytes are kept", len(fields), size)
	}
}

func TestSpellingsAreMasked(t *testing.T) {
	t.Parallel()
	const secret = `a&b "ü/ö"+<x>`
	marshalled, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"plain":        secret,
		"query":        url.QueryEscape(secret),
		"path":         url.PathEscape(secret),
		"json":         strings.Trim(string(marshalled), `"`),
		"json, plain":  `a&b \"ü/ö\"+<x>`,
		"base64 alone": base64.RawStdEncoding.EncodeToString([]byte(secret)),
	}
	for name, spelling := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newMasker([]string{secret}).mask("<" + spelling + ">")
			if got != "<"+m+">" {
				t.Errorf("%q gives %q", spelling, got)
			}
		})
	}
	for user := range 4 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("u", user) + ":" + secret + ":x"))
		if got := newMasker([]string{secret}).mask(text); len(got) > len(m)+2*user+8 {
			t.Errorf("basic auth %q gives %q", text, got)
		}
	}
}

func TestCredentialsInsideHeaderValues(t *testing.T) {
	t.Parallel()
	for value, inner := range map[string]string{
		"Bearer abcdef":          "abcdef",
		"Token token=abcdef":     "abcdef",
		`Token token="abcdef"`:   "abcdef",
		"GenieKey abcdef":        "abcdef",
		"Basic dXNlcjphYmNkZWY":  "dXNlcjphYmNkZWY",
		"Basic dXNlcjphYmNkZWY=": "abcdef",
	} {
		if got := newMasker([]string{value}).mask("<" + inner + ">"); got != "<"+m+">" {
			t.Errorf("%q inside %q gives %q", inner, value, got)
		}
	}
	if got := newMasker([]string{"production environment"}).mask("environment"); got != "environment" {
		t.Errorf("a word of a value is masked: %q", got)
	}
}

// A secret never appears in what is recorded, and what is recorded is short
// valid UTF-8.
func FuzzRecord(f *testing.F) {
	f.Add("hunter2", "https://example.com/", "text ", " more")
	f.Add("a\"b<c>&d", "https://u:p@example.com/x?y=", "\xff", "é")
	f.Add("pässwörd/x", "https://example.com/%70", strings.Repeat("é", 2040), "")
	f.Fuzz(func(t *testing.T, secret, base, before, after string) {
		const words = "POST HTTP/1.1 200 OK Authorization X-Before X-After further fields are not kept " + m
		if utf8.RuneCountInString(secret) < shortSecret || strings.ContainsAny(secret, "•…\uFFFD") || strings.Contains(words, secret) {
			t.Skip()
		}
		text := before + secret + after
		header := http.Header{"X-Before": {text}, "X-After": {text}}
		request := scout.Request{
			URL:    base + url.PathEscape(secret) + url.QueryEscape(after),
			Header: header,
			Body:   []byte(text + base64.StdEncoding.EncodeToString([]byte(secret))),
		}
		for _, e := range []scout.Exchange{
			Record(request, []string{secret}),
			RecordResponse(scout.Response{Status: 200, Proto: "HTTP/1.1", Header: header, Body: request.Body}, []string{secret}),
		} {
			texts := []string{e.Line, e.Body}
			for _, field := range e.Header {
				texts = append(texts, field[1])
			}
			for _, got := range texts {
				if strings.Contains(got, secret) {
					t.Errorf("%q holds %q", got, secret)
				}
				if !utf8.ValidString(got) {
					t.Errorf("%q is not UTF-8", got)
				}
			}
			if len(e.Body) > keptBody {
				t.Errorf("%d bytes of the body are kept", len(e.Body))
			}
		}
	})
}
