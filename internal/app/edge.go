package app

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"

	"serverscout/internal/app/config"
	"serverscout/internal/app/front"
)

// certificate reads what a configuration names; nil if it names none.
func certificate(t config.TLS, log *slog.Logger) (*front.Certificate, error) {
	if !t.On() {
		return nil, nil
	}
	return front.LoadCertificate(t.CertFile, t.KeyFile, log)
}

// behindFront puts a handler behind the proxies and below the path of a
// configuration.
func behindFront(c config.Config, h http.Handler) http.Handler {
	return front.Trust(c.TrustedProxies, front.Under(c.Root(), h))
}

// accept serves until the server is closed. Its error is never nil.
func (a *App) accept() error {
	if a.certificate == nil {
		return a.server.Serve(a.listener)
	}
	a.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.certificate.Get}
	return a.server.ServeTLS(a.listener, "", "")
}

// URL is where the program is reached on its own machine.
func (a *App) URL() string {
	scheme := "http"
	if a.certificate != nil {
		scheme = "https"
	}
	host, _, _ := net.SplitHostPort(a.config.Listen) // it was listened on, so both can be read
	_, port, _ := net.SplitHostPort(a.listener.Addr().String())
	return scheme + "://" + net.JoinHostPort(config.Nearby(host), port)
}

// keepFixed returns a configuration with the settings of the running one that
// change only with a restart, and says which of them are not as in c.
func (a *App) keepFixed(c config.Config) config.Config {
	now := a.config
	var differ []string
	for _, s := range []struct {
		name string
		same bool
	}{
		{"listen", c.Listen == now.Listen},
		{"data", c.Data == now.Data},
		{"tls", c.TLS == now.TLS},
		{"trusted_proxies", slices.Equal(c.TrustedProxies, now.TrustedProxies)},
		{"the path of public_url", c.Root() == a.root},
	} {
		if !s.same {
			differ = append(differ, s.name)
		}
	}
	if len(differ) > 0 {
		a.log.Warn("some settings have changed that take a restart", "settings", strings.Join(differ, ", "))
	}
	c.Listen, c.Data, c.TLS, c.TrustedProxies = now.Listen, now.Data, now.TLS, now.TrustedProxies
	return c
}
