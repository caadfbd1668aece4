package app

import (
	"net/http"
	"strings"
)

// outsideAddress returns what tells where people reach the dashboard: at
// public_url, or where that is not set at the address that a request came to,
// with the path that everything is served below.
func outsideAddress(publicURL, root string) func(*http.Request) string {
	return func(r *http.Request) string {
		if publicURL != "" {
			return strings.TrimSuffix(publicURL, "/")
		}
		return r.URL.Scheme + "://" + r.Host + root
	}
}
