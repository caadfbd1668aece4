package integration

import (
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

// shortestCredential is the length in bytes from which a query value is
// masked wherever it turns up in a recorded request or answer. Shorter ones
// are mostly switches such as "wait=true", words that occur everywhere.
const shortestCredential = 8

// DisplayURL returns a webhook's URL as it may be shown. A URL that is known
// as some format's is masked by that one's rule, whichever format the webhook
// uses, and any other by the rule of the format used; by default the password
// and all query values are masked and the path is kept. Text that is not an
// absolute URL is masked whole.
func DisplayURL(format, rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return scout.Masked
	}
	f := recognise(u)
	if f.MaskURL == nil {
		f = registered[format]
	}
	if f.MaskURL == nil {
		return displayWithPath(u, u.EscapedPath())
	}
	return f.MaskURL(u)
}

// displayWithPath writes u for showing, with the given path in place of its
// own and without its fragment, which is never sent. It is put together by
// hand because url.URL would escape the mask.
func displayWithPath(u *url.URL, path string) string {
	return u.Scheme + "://" + maskedUser(u.User) + u.Host + path + maskedQuery(u)
}

// maskedUser masks the password, or the name where it stands alone: then it
// is usually a token.
func maskedUser(user *url.Userinfo) string {
	if user == nil {
		return ""
	}
	if _, set := user.Password(); !set {
		return scout.Masked + "@"
	}
	return url.User(user.Username()).String() + ":" + scout.Masked + "@"
}

// maskedQuery keeps the names and masks the values; a part without a name is
// masked whole.
func maskedQuery(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	parts := strings.Split(u.RawQuery, "&")
	for i, part := range parts {
		name, _, named := strings.Cut(part, "=")
		if named {
			parts[i] = name + "=" + scout.Masked
		} else if part != "" {
			parts[i] = scout.Masked
		}
	}
	return "?" + strings.Join(parts, "&")
}

// credentials lists the parts of a URL to mask wherever they turn up in what
// is recorded: the userinfo's secret part and the longer query values.
func credentials(u *url.URL) []string {
	var secrets []string
	if u.User != nil {
		secret, set := u.User.Password()
		if !set {
			secret = u.User.Username()
		}
		secrets = append(secrets, secret)
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, raw, named := strings.Cut(part, "=")
		if !named {
			raw = name
		}
		value, err := url.QueryUnescape(raw)
		if err != nil {
			value = raw
		}
		if len(value) >= shortestCredential {
			secrets = append(secrets, value)
		}
	}
	return secrets
}
