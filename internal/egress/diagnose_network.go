package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// soon is how long before its end a certificate is warned of.
const soon = 14 * 24 * time.Hour

// usual is what a step comes to of which nothing happened that is worth more
// words.
func (d *diagnosis) usual(step scout.DoctorStep) scout.Finding {
	f := scout.Finding{Step: step, Outcome: scout.FindingPassed}
	skip := func(says string) scout.Finding {
		f.Outcome, f.Says = scout.FindingSkipped, says
		return f
	}
	u := d.flight.url
	switch step {
	case scout.StepURL:
		f.Says = fmt.Sprintf("the URL leads to port %s of %s over %s", portOf(u), d.flight.host(), u.Scheme)
	case scout.StepPolicy:
		switch {
		case d.client.proxy != nil:
			f.Says = "the address policy allows what the URL says; to which address the proxy resolves a name cannot be seen from here"
		case !isAddress(u.Hostname()):
			return skip("a name is judged by its addresses, and none is known")
		default:
			f.Says = "the address policy allows " + u.Hostname()
		}
	case scout.StepDNS:
		switch {
		case d.client.proxy != nil:
			return skip("the proxy looks the name up: what it finds cannot be seen from here")
		case isAddress(u.Hostname()):
			return skip("the URL has an address: there is no name to look up")
		default:
			return skip("no name was looked up")
		}
	case scout.StepTCP:
		return d.connection()
	case scout.StepTLS:
		if u.Scheme == "http" {
			return skip("the URL says http://: what is sent can be read on the way")
		}
		f.Says = "TLS is spoken"
	case scout.StepRequest:
		f.Says = fmt.Sprintf("the request was sent, with %d bytes of content", len(d.request.Body))
		f.Facts = [][2]string{{"content type", d.contentType()}}
	}
	return f
}

// resolved reports the addresses of a name, and what the policy says to them.
// A lookup that failed is reported when the request ends: there may be another.
func (d *diagnosis) resolved(info httptrace.DNSDoneInfo) {
	if info.Err != nil || d.client.proxy != nil || d.told > place(scout.StepPolicy) {
		return
	}
	took := d.lap()
	addresses := plainAddresses(info.Addrs)
	d.tell(d.judged(addresses))
	f := scout.Finding{Step: scout.StepDNS, Outcome: scout.FindingPassed, Took: took}
	for _, addr := range addresses {
		f.Facts = append(f.Facts, [2]string{"address", addr.String()})
	}
	f.Says = fmt.Sprintf("%s has %s", d.flight.host(), counted(len(addresses), "address", "addresses"))
	d.tell(f)
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// judged is what the address policy says to the addresses of a name.
func (d *diagnosis) judged(addresses []netip.Addr) scout.Finding {
	f := scout.Finding{Step: scout.StepPolicy, Outcome: scout.FindingPassed}
	var refused *refusal
	allowed := 0
	for _, addr := range addresses {
		if !errors.As(d.client.policy.check(d.looked, addr, d.trust), &refused) {
			allowed++
		}
	}
	switch {
	case refused == nil:
		f.Says = "the address policy allows what " + d.flight.host() + " resolves to"
	case allowed == 0:
		f.Outcome, f.Says, f.Remedy = scout.FindingFailed, refused.advice.found, refused.advice.remedy
	default:
		f.Outcome, f.Says, f.Remedy = scout.FindingWarned, refused.advice.found+", so that it is passed over", refused.advice.remedy
	}
	return f
}

// connected reports the connection that there is by now.
func (d *diagnosis) connected() {
	if d.told > place(scout.StepTCP) {
		return
	}
	f := d.connection()
	f.Took = d.lap()
	d.tell(f)
}

// connection is the finding about the connection that was made.
func (d *diagnosis) connection() scout.Finding {
	f := scout.Finding{Step: scout.StepTCP, Outcome: scout.FindingPassed}
	address := d.flight.reached()
	if address != "" {
		f.Facts = [][2]string{{"connected to", address}}
	}
	if p := d.client.proxy; p != nil {
		f.Says = "connected to " + p.name() + ", which connected to " + d.flight.target()
		if p.forwards(d.flight.url) {
			f.Says = "connected to " + p.name() + ", which sends the request on itself: whether it reaches " + d.flight.target() + " shows in the answer"
		}
		return f
	}
	f.Says = fmt.Sprintf("%s accepts connections on port %s", d.flight.host(), portOf(d.flight.url))
	silent := d.silent(address)
	if len(silent) == 0 {
		return f
	}
	for _, other := range silent {
		f.Facts = append(f.Facts, [2]string{"no connection to", other})
	}
	f.Outcome = scout.FindingWarned
	f.Says += fmt.Sprintf(", but not at %s", strings.Join(silent, " and "))
	f.Remedy = "remove from DNS the addresses at which nothing answers: each new connection may wait for them"
	if !slices.ContainsFunc(silent, func(a string) bool { return !isIPv6(a) }) {
		f.Remedy = "repair IPv6 here or there, or remove the IPv6 address from DNS: each new connection may wait for it"
	}
	return f
}

// silent lists the addresses that were tried before the one that answered.
func (d *diagnosis) silent(answered string) []string {
	var list []string
	for _, c := range d.connects {
		tried := c.over && c.err != nil && !errors.Is(c.err, context.Canceled)
		outrun := isIPv6(c.address) && !isIPv6(answered) && !(c.over && c.err == nil) // IPv6 has a head start
		if (tried || outrun) && !errors.As(c.err, new(*refusal)) && !slices.Contains(list, c.address) {
			list = append(list, c.address)
		}
	}
	return list
}

// isIPv6 reports whether host:port has an IPv6 address.
func isIPv6(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && plain(addr).Is6()
}

// secured reports the certificate of a handshake that succeeded.
func (d *diagnosis) secured(state tls.ConnectionState) {
	if d.told > place(scout.StepTLS) || len(state.PeerCertificates) == 0 {
		return
	}
	cert := state.PeerCertificates[0]
	f := scout.Finding{Step: scout.StepTLS, Outcome: scout.FindingPassed, Took: d.lap()}
	f.Facts = append([][2]string{{"version", tls.VersionName(state.Version)}}, certificateFacts(cert)...)
	left := time.Until(cert.NotAfter)
	f.Says = fmt.Sprintf("the certificate of %s is valid for %s", d.flight.host(), counted(int(left/(24*time.Hour)), "more day", "more days"))
	if left < soon {
		f.Outcome, f.Remedy = scout.FindingWarned, "have it renewed before it expires on "+scout.Stamp(cert.NotAfter)
	}
	d.tell(f)
}

// certificateFacts are what a certificate says.
func certificateFacts(cert *x509.Certificate) [][2]string {
	return [][2]string{
		{"names", namesOf(cert)},
		{"issuer", scout.Shorten(cert.Issuer.String(), 120)},
		{"not before", scout.Stamp(cert.NotBefore)},
		{"not after", scout.Stamp(cert.NotAfter)},
	}
}

// factsOf are what is known beside an error.
func factsOf(e *Error) [][2]string {
	var facts [][2]string
	if e.Address != "" {
		facts = append(facts, [2]string{"address", e.Address})
	}
	var failed *tls.CertificateVerificationError
	if errors.As(e.Err, &failed) && len(failed.UnverifiedCertificates) > 0 {
		facts = append(facts, certificateFacts(failed.UnverifiedCertificates[0])...)
	}
	return facts
}

// isCertificateFault reports whether a fault lies in a certificate.
func isCertificateFault(f scout.Fault) bool {
	switch f {
	case scout.FaultCertExpired, scout.FaultCertNotYet, scout.FaultCertName, scout.FaultCertUnknown, scout.FaultCertSelf:
		return true
	default:
		return false
	}
}
