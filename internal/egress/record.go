package egress

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// What is kept of an exchange. The header has limits of its own, so that a
// receiver cannot fill the database with it.
const (
	keptBody        = 4 << 10
	keptHeader      = 8 << 10
	keptHeaderValue = 1 << 10
	keptHeaderName  = 128
)

// Record returns what is kept of a request. The secrets given, those of the
// request and those in its URL are masked everywhere, in plain and in the
// usual escaped forms; those shorter than 4 characters only where they are a
// whole header value. Values of credential headers and of the query are
// masked always. The body is masked, then cut to 4 KiB.
func Record(r scout.Request, secrets []string) scout.Exchange {
	u := readURL(r.URL)
	m := newMasker(append(requestSecrets(r, u), secrets...))
	e := scout.Exchange{
		Line:   http.MethodPost + " " + m.maskURL(u),
		Header: m.maskHeader(headerOf(r, u)),
	}
	e.Body, e.Truncated = cut(m.mask(string(r.Body)))
	return e
}

// RecordResponse returns what is kept of a response, masked and cut as Record
// does. A response without a status gives the zero Exchange.
func RecordResponse(resp scout.Response, secrets []string) scout.Exchange {
	if resp.Status == 0 {
		return scout.Exchange{}
	}
	m := newMasker(secrets)
	e := scout.Exchange{
		Line:   strings.TrimSpace(resp.Proto + " " + strconv.Itoa(resp.Status) + " " + http.StatusText(resp.Status)),
		Header: m.maskHeader(resp.Header),
	}
	e.Body, e.Truncated = cut(m.mask(string(resp.Body)))
	e.Truncated = e.Truncated || resp.Truncated
	return e
}

// requestSecrets lists what a request says is secret, and what its URL makes
// so. The URL may be nil.
func requestSecrets(r scout.Request, u *url.URL) []string {
	secrets := slices.Clone(r.Secrets)
	if u != nil {
		secrets = append(secrets, urlSecrets(u)...)
	}
	return secrets
}

// urlSecrets returns the password in a URL; a user name without one is a
// credential of its own.
func urlSecrets(u *url.URL) []string {
	if u.User == nil {
		return nil
	}
	if password, ok := u.User.Password(); ok {
		return []string{password}
	}
	return []string{u.User.Username()}
}

// maskURL masks the secrets in a URL besides what MaskURL masks. A path that
// holds one is shown decoded, so that no way of escaping it is overlooked.
func (m masker) maskURL(u *url.URL) string {
	if u == nil {
		return scout.Masked
	}
	path := u.EscapedPath()
	if shown := m.mask(u.Path); shown != u.Path {
		path = shown
	}
	return m.mask(maskURL(u, path))
}

// maskHeader returns the fields sorted by name, with secrets masked.
func (m masker) maskHeader(h http.Header) [][2]string {
	var fields [][2]string
	size := 0
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			field := [2]string{m.mask(name), m.maskValue(value)}
			if isCredential(name) && value != "" {
				field[1] = scout.Masked
			}
			field[0], field[1] = scout.Shorten(field[0], keptHeaderName), scout.Shorten(field[1], keptHeaderValue)
			size += len(field[0]) + len(field[1])
			if size > keptHeader {
				return append(fields, [2]string{"…", "further fields are not kept"})
			}
			fields = append(fields, field)
		}
	}
	return fields
}

// isCredential reports whether a header field's value is secret by its name.
func isCredential(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	case "idempotency-key":
		return false
	}
	return strings.HasSuffix(name, "key") || strings.Contains(name, "token") ||
		strings.Contains(name, "secret") || strings.Contains(name, "password")
}

// cut shortens a body to what is kept, never inside a character.
func cut(body string) (string, bool) {
	if len(body) <= keptBody {
		return body, false
	}
	end := keptBody
	for !utf8.RuneStart(body[end]) {
		end--
	}
	return body[:end], true
}
