package egress

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"serverscout/internal/scout"
)

// CheckURL reports what is wrong with a webhook's URL before anything is sent:
// an Invalid scout.Error of one sentence, which never repeats the URL's path,
// query or credentials. Whether its address may be reached is decided later,
// at dial time.
func CheckURL(raw string) error {
	u, err := parseURL(raw)
	if err != nil {
		return err
	}
	if host := u.Hostname(); looksNumeric(host) && !isAddress(host) {
		return scout.Errorf(scout.Invalid, "%s", numericAdvice(host).message())
	}
	return nil
}

// parseURL reads a webhook's URL. Its error is an Invalid scout.Error.
func parseURL(raw string) (*url.URL, error) {
	invalid := func(format string, args ...any) (*url.URL, error) {
		return nil, scout.Errorf(scout.Invalid, format, args...)
	}
	if raw == "" {
		return invalid("the URL is empty: write one such as https://hooks.example.com/path")
	}
	if strings.TrimSpace(raw) != raw {
		return invalid("the URL begins or ends with white space: remove it")
	}
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's own text repeats the URL.
		return invalid("the URL cannot be read: check for spaces, brackets, a bad %%-escape or a bad port")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return invalid("the URL must begin with https:// or http://")
	case u.Hostname() == "":
		return invalid("the URL names no host: write one such as https://hooks.example.com/path")
	case strings.Contains(raw, "#"):
		return invalid("the URL has a fragment (#…), which is never sent: remove it, or write # as %%23")
	case !isPort(u.Port()) || strings.HasSuffix(u.Host, ":"):
		return invalid("the URL's port must be a number from 1 to 65535")
	case isASCII(u.Hostname()) && !isAddress(u.Hostname()) && !isDomain(u.Hostname()):
		return invalid("%q is not a host name: check the part after ://", scout.Shorten(u.Hostname(), 80))
	}
	return u, nil
}

// isPort accepts the empty port, which stands for the scheme's own.
func isPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && n >= 1 && n <= 65535
}

// portOf returns the port that is dialled.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7f }) < 0
}

// isDomain reports whether host is made of ASCII labels as DNS limits them.
// Underscores are accepted because networks in use have them.
func isDomain(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		bad := strings.IndexFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
		})
		if label == "" || len(label) > 63 || bad >= 0 {
			return false
		}
	}
	return true
}

// isHostName reports whether host is a name that is not read as an address.
func isHostName(host string) bool { return isDomain(host) && !looksNumeric(host) }

// looksNumeric reports whether host ends in a number. No domain does; such
// hosts are IPv4 addresses, perhaps in an old spelling (127.1, 0x7f.1,
// 2130706433) that resolvers read in different ways.
func looksNumeric(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	digits, set := last, "0123456789"
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		digits, set = hex, "0123456789abcdef"
	}
	return last != "" && strings.Trim(digits, set) == ""
}

func numericAdvice(host string) advice {
	return advice{
		found:  scout.Shorten(host, 80) + " is an IP address in a spelling that is not accepted",
		remedy: "write it as four decimal numbers, such as 192.0.2.1",
	}
}

// hostKey is the form in which host names are compared.
func hostKey(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// MaskURL returns a URL for showing: the password, the values of the query
// and the fragment read scout.Masked; so does a user name without a password,
// which is a credential of its own. Names and path are kept. What cannot be
// read as a URL with a host is masked whole.
func MaskURL(raw string) string {
	u := readURL(raw)
	if u == nil {
		return scout.Masked
	}
	return maskURL(u, u.EscapedPath())
}

// readURL returns nil for what is not a URL with a host.
func readURL(raw string) *url.URL {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return nil
	}
	return u
}

// maskURL is MaskURL with the path shown as given.
func maskURL(u *url.URL, path string) string {
	var b strings.Builder
	b.WriteString(u.Scheme + "://")
	if u.User != nil {
		if _, hasPassword := u.User.Password(); hasPassword {
			b.WriteString(url.User(u.User.Username()).String() + ":")
		}
		b.WriteString(scout.Masked + "@")
	}
	b.WriteString(u.Host + path)
	if u.RawQuery != "" {
		b.WriteString("?" + maskQuery(u.RawQuery))
	}
	if u.Fragment != "" {
		b.WriteString("#" + scout.Masked)
	}
	return b.String()
}

// maskQuery keeps the names of a query, byte for byte. An item without a
// name is all value.
func maskQuery(query string) string {
	items := strings.Split(query, "&")
	for i, item := range items {
		name, value, named := strings.Cut(item, "=")
		switch {
		case named && value != "":
			items[i] = name + "=" + scout.Masked
		case !named && item != "":
			items[i] = scout.Masked
		}
	}
	return strings.Join(items, "&")
}
