package probe

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

const (
	versionAuto = "auto"
	version1    = "1.1"
	version2    = "2"
)

func httpVersions() []string { return []string{versionAuto, version1, version2} }

func httpVersionField() scout.Field {
	return scout.Field{
		Name: "http_version", Type: scout.TypeString, Default: versionAuto, Enum: httpVersions(),
		Help: `The version to speak: "1.1", or "2" (to an http target without asking first); auto takes 2 where an https target offers it. Numbers stand in quotes.`,
	}
}

// compileTransports returns the transport for the target's host, and the one
// for where a redirect strays to, which presents no client certificate.
func (s httpSettings) compileTransports(target *url.URL, n network, faults *scout.Faults) (own, anonymous *http.Transport) {
	checkWord("http_version", s.HTTPVersion, httpVersions(), faults)
	host := ""
	if target != nil {
		host = target.Hostname()
	}
	n, certificates := s.connection().compile(n, host, faults)
	anonymous = httpTransport(n, s.HTTPVersion, nil)
	if certificates == nil {
		return anonymous, anonymous
	}
	return httpTransport(n, s.HTTPVersion, certificates), anonymous
}

func (s httpSettings) connection() connectionSettings {
	return connectionSettings{family: s.Family, ca: s.CA, certificate: s.ClientCertificate, key: s.ClientKey}
}

// httpTransport makes connections that serve one request each.
func httpTransport(n network, version string, certificates []tls.Certificate) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(version != version2)
	protocols.SetHTTP2(version != version1)
	protocols.SetUnencryptedHTTP2(version == version2)
	return &http.Transport{
		DialContext:            n.dial,
		TLSClientConfig:        &tls.Config{RootCAs: n.roots, Certificates: certificates},
		DisableKeepAlives:      true,
		Protocols:              &protocols,
		MaxResponseHeaderBytes: maxHTTPHeader,
	}
}

// refusesHTTP2 reports whether a request failed because the other end does not
// speak HTTP/2. The packages below have no types for these errors. The last of
// them is that of a connection that was closed before HTTP/2 had begun on it.
func refusesHTTP2(err error) bool {
	text := err.Error()
	return strings.Contains(text, "no application protocol") ||
		strings.Contains(text, "looked like an HTTP/1.1 header") ||
		strings.Contains(text, "client conn could not be established")
}
