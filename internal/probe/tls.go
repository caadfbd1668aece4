package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
)

const (
	httpsPort   = "443"
	warnDays    = 14
	maxWarnDays = 3650
	day         = 24 * time.Hour
)

type tlsSettings struct {
	ServerName        string            `json:"server_name"`
	Family            string            `json:"family"`
	CA                string            `json:"ca"`
	ClientCertificate string            `json:"client_certificate"`
	ClientKey         string            `json:"client_key"`
	Warn              expirationWarning `json:"warn"`
}

type expirationWarning struct {
	Days int `json:"days"`
}

func defaultTLSSettings() tlsSettings {
	return tlsSettings{Family: familyAny, Warn: expirationWarning{Days: warnDays}}
}

func init() { register(tlsKind()) }

func tlsKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       "tls",
			Title:      "TLS",
			Help:       "Makes a TLS handshake, verifies the certificate and warns before it expires.",
			TargetHelp: "host, host:port or an https URL; port 443 unless named.",
			Fields: slices.Concat(
				[]scout.Field{{
					Name: "server_name", Type: scout.TypeString, Example: "www.example.com", Max: 253,
					Help: "The name to ask for and to verify, where it is not the target's host.",
				}},
				connectionFields(),
				[]scout.Field{{
					Name: "warn", Type: scout.TypeObject,
					Help: "What makes the check a warning although the certificate is valid.",
					Fields: []scout.Field{{
						Name: "days", Type: scout.TypeInteger, Default: warnDays, Max: maxWarnDays,
						Help: "Warn when fewer days, or less than a quarter of the certificate's lifetime, are left, whichever is less; 0 never warns.",
					}},
				}},
			),
		},
		DefaultTarget: defaultTLSTarget,
		Compile:       func(t scout.Target) (Prober, error) { return compileTLS(t, systemNetwork()) },
	}
}

func defaultTLSTarget(server scout.Server) string {
	if server.IP == "" {
		return ""
	}
	return net.JoinHostPort(unbracket(server.IP), httpsPort)
}

type tlsProbe struct {
	net         network
	config      *tls.Config
	certificate string // its name in messages
	address     string
	at          place
	family      string
	warnDays    int
	timeout     time.Duration
}

func compileTLS(t scout.Target, n network) (Prober, error) {
	var faults scout.Faults
	s := decode(t.Check.Settings, defaultTLSSettings(), &faults)
	host, port, err := tlsTarget(t.Check.Target)
	if err != nil {
		faults.Add("target", showable(t.Check.Target), "%s", err)
	}
	name := host
	if s.ServerName != "" {
		name = s.ServerName
		if err := checkHost(name); err != nil {
			faults.Add("server_name", name, "%s", err)
		}
	}
	connection := connectionSettings{family: s.Family, ca: s.CA, certificate: s.ClientCertificate, key: s.ClientKey}
	n, certificates := connection.compile(n, host, &faults)
	if s.Warn.Days < 0 || s.Warn.Days > maxWarnDays {
		faults.Add("warn.days", fmt.Sprint(s.Warn.Days), "days are from 0 to %d", maxWarnDays)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	name, _, _ = strings.Cut(name, "%") // certificates know no IPv6 zones
	p := &tlsProbe{
		net:         n,
		config:      &tls.Config{RootCAs: n.roots, ServerName: name, Certificates: certificates},
		certificate: certificateName(t.Check.Name),
		address:     net.JoinHostPort(host, port),
		at:          place{host: name, port: port},
		family:      s.Family,
		warnDays:    s.Warn.Days,
		timeout:     timeoutOf(t.Check),
	}
	return newProber(t.Check, p.look), nil
}

// tlsTarget reads host, host:port or an https URL.
func tlsTarget(target string) (host, port string, err error) {
	if !strings.Contains(target, "://") {
		return splitTarget(target, httpsPort)
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "https" {
		return "", "", errors.New("write host, host:port or an https URL")
	}
	return splitTarget(u.Host, httpsPort)
}

func (p *tlsProbe) look(ctx context.Context) scout.Result {
	start := time.Now()
	conn, err := p.net.dial(ctx, "tcp", p.address)
	if err != nil {
		return p.outage(err)
	}
	defer conn.Close()
	beginStep(ctx, stepTLS)
	client := tls.Client(conn, p.config)
	if err := client.HandshakeContext(ctx); err != nil {
		return p.outage(err)
	}
	now := time.Now()
	state := client.ConnectionState()
	_ = client.Close() // a polite end; the answer is already known
	return p.judge(state.PeerCertificates[0], limiting(state.VerifiedChains), now, now.Sub(start))
}

func (p *tlsProbe) outage(err error) scout.Result {
	if complaint := certificateComplaint(err, p.at.host); complaint != "" {
		return down(0, fmt.Sprintf("%s %s", p.certificate, complaint))
	}
	host, _, _ := net.SplitHostPort(p.address) // that of the place is the certificate's
	why := cause(err, host, p.timeout)
	if lacksAddress(err, p.family) {
		why = withoutAddress(p.family, host)
	}
	return down(0, fmt.Sprintf("%s cannot be checked on %s: %s", p.certificate, p.at, why))
}

// limiting returns the certificate whose end will end the server's trust: of
// each chain the one that expires first, of several chains the last of these.
func limiting(chains [][]*x509.Certificate) *x509.Certificate {
	var last *x509.Certificate
	for _, chain := range chains {
		first := chain[0]
		for _, c := range chain {
			if c.NotAfter.Before(first.NotAfter) {
				first = c
			}
		}
		if last == nil || first.NotAfter.After(last.NotAfter) {
			last = first
		}
	}
	return last
}

// judge weighs how long trust in leaf lasts: until c, it or an authority above
// it, expires.
func (p *tlsProbe) judge(leaf, c *x509.Certificate, now time.Time, latency time.Duration) scout.Result {
	left := c.NotAfter.Sub(now)
	threshold := min(time.Duration(p.warnDays)*day, c.NotAfter.Sub(c.NotBefore)/4)
	if left >= threshold {
		return up(latency, fmt.Sprintf("%s is valid for %s, until %s", p.certificate, daysText(left), date(c.NotAfter)))
	}
	if !c.Equal(leaf) {
		return warning(latency, fmt.Sprintf("%s loses its trust in %s, on %s: an authority that vouches for it expires",
			p.certificate, daysText(left), date(c.NotAfter)))
	}
	return warning(latency, fmt.Sprintf("%s expires in %s, on %s", p.certificate, daysText(left), date(c.NotAfter)))
}

// daysText writes whole days, rounded down.
func daysText(d time.Duration) string {
	switch days := d / day; days {
	case 0:
		return "less than a day"
	case 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", days)
	}
}
