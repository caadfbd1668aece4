package egress

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// shortSecret is the length in characters below which a secret is masked only
// where it is a whole value: it would be found in too many innocent places.
const shortSecret = 4

// masker hides secrets in text.
type masker struct {
	spelled []string // every spelling that is masked wherever it stands
	replace *strings.Replacer
	short   []string // masked only as a whole value
}

// newMasker makes a masker of secrets and of the credentials inside them.
func newMasker(secrets []string) masker {
	var m masker
	for _, secret := range secrets {
		for _, s := range append(credentials(secret), secret) {
			if utf8.RuneCountInString(s) < shortSecret {
				m.short = append(m.short, s)
			} else {
				m.spelled = append(m.spelled, spellings(s)...)
			}
		}
	}
	// The longest first, because at each place the first that fits is taken.
	slices.SortFunc(m.spelled, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	m.spelled = slices.Compact(m.spelled)
	pairs := make([]string, 0, 2*len(m.spelled))
	for _, s := range m.spelled {
		pairs = append(pairs, s, scout.Masked)
	}
	m.replace = strings.NewReplacer(pairs...)
	return m
}

// MaskText masks secrets in a text as Record does.
func MaskText(text string, secrets []string) string { return newMasker(secrets).mask(text) }

// mask returns valid UTF-8 in which no secret of the usual length is left.
func (m masker) mask(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	// Most texts hold no secret, and looking for them is many times faster
	// than replacing.
	if !slices.ContainsFunc(m.spelled, func(s string) bool { return strings.Contains(text, s) }) {
		return text
	}
	return m.replace.Replace(text)
}

// maskValue is mask for a whole value, which may be a short secret.
func (m masker) maskValue(value string) string {
	if value != "" && slices.Contains(m.short, value) {
		return scout.Masked
	}
	return m.mask(value)
}

// credentials returns the secret parts of a header value such as
// "Bearer abc", "Token token=abc" or "Basic dTpw".
func credentials(secret string) []string {
	scheme, rest, ok := strings.Cut(secret, " ")
	if !ok || rest == "" {
		return nil
	}
	switch strings.ToLower(scheme) {
	case "bearer", "geniekey":
		return []string{rest}
	case "token":
		return []string{rest, strings.Trim(strings.TrimPrefix(rest, "token="), `"`)}
	case "basic":
		plain, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return []string{rest}
		}
		_, password, _ := strings.Cut(string(plain), ":")
		return []string{rest, string(plain), password}
	default:
		return nil
	}
}

// spellings lists the forms in which a secret may stand in a URL, a header
// field or a body.
func spellings(s string) []string {
	list := []string{
		strings.ToValidUTF8(s, "\uFFFD"),
		url.QueryEscape(s),
		url.PathEscape(s),
		(&url.URL{Path: s}).EscapedPath(),
		strings.TrimPrefix(url.UserPassword("", s).String(), ":"),
		jsonEscape(s, true),
		jsonEscape(s, false),
	}
	return append(list, base64Cores(s)...)
}

func jsonEscape(s string, html bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	if err := enc.Encode(s); err != nil {
		return s
	}
	return strings.Trim(strings.TrimSuffix(b.String(), "\n"), `"`)
}

// base64Cores returns what base64 makes of s inside a longer text, such as
// "user:s": for each of the three places it can begin at within a group, the
// characters that depend on s alone.
func base64Cores(s string) []string {
	var cores []string
	for lead := range 3 {
		text := append(make([]byte, lead), s...)
		first, end := (lead*8+5)/6, len(text)*8/6
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			cores = append(cores, enc.EncodeToString(text)[first:end])
		}
	}
	return cores
}
