package integration

import (
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

// secureHost returns the host name of an https URL in lower case, without a
// final dot. It is "" for other schemes, which the services do not take and
// which would give the credential away, and for other ports than their own.
func secureHost(u *url.URL) string {
	if port := u.Port(); u.Scheme != "https" || port != "" && port != "443" {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// splitPath splits the escaped path of u behind the marker into what may be
// shown and the credential. In a path without the marker the credential is the
// last part.
func splitPath(u *url.URL, marker string) (shown, credential string) {
	path := strings.TrimRight(u.EscapedPath(), "/")
	if before, after, found := strings.Cut(path, marker); found {
		return before + marker, after
	}
	last := strings.LastIndexByte(path, '/') + 1
	return path[:last], path[last:]
}

// displayMasked writes u for showing, with a mask for the credential in its
// path.
func displayMasked(u *url.URL, shown, credential string) string {
	if credential != "" {
		shown += scout.Masked
	}
	return displayWithPath(u, shown)
}

// secretsOf lists what is to be masked in records: the credentials in the rest
// of a URL, and the one in its path.
func secretsOf(u *url.URL, credential string) []string {
	secrets := credentials(u)
	if credential != "" {
		secrets = append(secrets, credential)
	}
	return secrets
}
