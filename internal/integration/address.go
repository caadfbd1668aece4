package integration

import (
	"net/url"

	"serverscout/internal/scout"
)

// withPath returns u with another path, given unescaped, and without its
// fragment, which is never sent.
func withPath(u *url.URL, path string) *url.URL {
	changed := *u
	changed.Path, changed.RawPath = path, ""
	changed.Fragment, changed.RawFragment = "", ""
	return &changed
}

// badURL is the fault of a webhook's URL. It must not quote the URL, which may
// hold credentials.
func badURL(message string) error {
	var faults scout.Faults
	faults.Add("url", "", "%s", message)
	return faults.Err()
}
