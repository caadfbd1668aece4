package probe

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

const (
	redirectsFollow   = "follow"
	redirectsNone     = "none"
	redirectsSameHost = "same_host"
)

func redirectPolicies() []string {
	return []string{redirectsFollow, redirectsNone, redirectsSameHost}
}

func httpRedirectsField() scout.Field {
	return scout.Field{
		Name: "redirects", Type: scout.TypeString, Default: redirectsFollow, Enum: redirectPolicies(),
		Help: "Whether redirects are followed, up to ten; none judges the first answer itself, same_host fails on a redirect to another host.",
	}
}

var (
	errRedirects = errors.New("too many redirects")
	errOtherHost = errors.New("redirect to another host")
)

// journey is the way of one probe from the target through its redirects. It
// serves one probe and is not safe for concurrent use.
type journey struct {
	probe   *httpProbe
	last    *url.URL // where it has come to, or was not let go
	strayed bool     // it has left the target's host, or https for http
}

// RoundTrip implements http.RoundTripper: a client certificate, like the
// headers, stays behind once the journey has strayed.
func (j *journey) RoundTrip(r *http.Request) (*http.Response, error) {
	if j.strayed {
		return j.probe.anonymous.RoundTrip(r)
	}
	return j.probe.transport.RoundTrip(r)
}

// redirect decides about the next request. The check's headers and body, and
// the URL that a Referer would tell, go neither to another host nor from https
// over to http, nor back from there.
func (j *journey) redirect(next *http.Request, via []*http.Request) error {
	if j.probe.redirects == redirectsNone {
		return http.ErrUseLastResponse
	}
	from := j.last
	j.last = next.URL
	elsewhere := !strings.EqualFold(next.URL.Hostname(), from.Hostname())
	switch {
	case len(via) > maxRedirects:
		return errRedirects
	case elsewhere && j.probe.redirects == redirectsSameHost:
		return errOtherHost
	case elsewhere, next.URL.Scheme == "http" && from.Scheme == "https":
		j.strayed = true
	}
	if j.strayed {
		next.Header = http.Header{"User-Agent": {userAgent}}
		next.Body, next.GetBody, next.ContentLength = nil, nil, 0 // of a string: there is nothing to close
	}
	return nil
}
