package egress

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// Error is why no complete answer came.
type Error struct {
	Fault   scout.Fault
	Message string // one sentence with the remedy; holds no secret and nothing of the URL but its host and port
	Address string // the address reached or refused, host:port; "" for none
	Err     error  // the cause, for errors.Is; its text may hold secrets
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// explain turns the error of a flight into an Error. The context is the
// caller's, without the client's own deadline.
func (f *flight) explain(ctx context.Context, err error) *Error {
	e := &Error{Fault: f.faultOf(err), Address: f.reached(), Err: err}
	var refused *refusal
	var source *sourceError
	var answer *proxyAnswer
	var op *net.OpError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Fault, e.Err = scout.FaultOther, ctx.Err()
		e.Message = "the request was cancelled before " + f.host() + " had answered"
		return e
	case errors.As(err, &refused):
		e.Fault, e.Message = scout.FaultAddressRefused, refused.message
		if refused.addr.IsValid() {
			e.Address = net.JoinHostPort(refused.addr.String(), portOf(f.url))
		}
		return e
	case errors.As(err, &source):
		e.Fault, e.Message = scout.FaultMisconfigured, source.message
		return e
	case errors.As(err, &answer):
		e.Fault, e.Message = answer.fault(), answer.sentence(f.proxy, f.target())
		return e
	case e.Address == "" && errors.As(err, &op) && op.Op == "dial" && op.Addr != nil:
		e.Address = op.Addr.String()
	}
	switch {
	case f.proxy == nil:
		e.Message = f.sentence(e.Fault, err)
	case f.connected():
		e.Message = f.sentence(e.Fault, err) + " (through " + f.proxy.name() + ")"
	default:
		e.Message = f.proxySentence(e.Fault, err)
	}
	return e
}

// faultOf names what went wrong. What has no name of its own but happened on
// a working connection is a breach of HTTP.
func (f *flight) faultOf(err error) scout.Fault {
	fault := scout.FaultOf(err)
	if fault == scout.FaultOther && f.ready {
		return scout.FaultProtocol
	}
	return fault
}

func (f *flight) host() string { return scout.Shorten(f.url.Hostname(), 100) }

// target is the receiver as a proxy is asked for it, host:port.
func (f *flight) target() string { return net.JoinHostPort(f.host(), portOf(f.url)) }

// sentence says what happened, and what to do about it.
func (f *flight) sentence(fault scout.Fault, err error) string {
	host, port := f.host(), portOf(f.url)
	switch fault {
	case scout.FaultTimeout:
		return f.timeoutSentence(err)
	case scout.FaultRefused:
		return fmt.Sprintf("%s refused the connection on port %s; check the port, and that the service runs", host, port)
	case scout.FaultReset:
		if f.ready {
			return fmt.Sprintf("%s closed the connection before its answer was complete", host)
		}
		return fmt.Sprintf("%s closed the connection on port %s before a request could be sent", host, port)
	case scout.FaultUnreachable:
		return fmt.Sprintf("there is no route to %s; check this machine's network and firewalls", host)
	case scout.FaultUnknownHost:
		return fmt.Sprintf("the host name %s does not exist; check its spelling in the URL", host)
	case scout.FaultResolver:
		return fmt.Sprintf("the name %s could not be looked up; check this machine's DNS servers", host)
	case scout.FaultCertExpired, scout.FaultCertNotYet, scout.FaultCertName, scout.FaultCertUnknown, scout.FaultCertSelf:
		return certificateSentence(fault, host, err)
	case scout.FaultTLS:
		return fmt.Sprintf("the TLS handshake with %s failed: %s", host, brief(err))
	case scout.FaultNotTLS:
		return fmt.Sprintf("%s does not speak TLS on port %s; check the port, or write http:// if it has no TLS", host, port)
	case scout.FaultProtocol:
		sentence := fmt.Sprintf("%s did not answer with valid HTTP: %s", host, brief(err))
		if f.url.Scheme == "http" {
			sentence += "; if it expects TLS, write https://"
		}
		return sentence
	default:
		return fmt.Sprintf("the request to %s failed: %s", host, brief(err))
	}
}

// timeoutSentence says which step the deadline met.
func (f *flight) timeoutSentence(err error) string {
	within := seconds(f.timeout)
	var dns *net.DNSError
	switch {
	case f.status != 0:
		return fmt.Sprintf("%s answered with status %d, but its answer did not end within %s", f.host(), f.status, within)
	case f.ready:
		return fmt.Sprintf("no answer from %s within %s", f.host(), within)
	case f.reached() != "":
		return fmt.Sprintf("%s accepted the connection on port %s, but completed no TLS handshake within %s", f.host(), portOf(f.url), within)
	case errors.As(err, &dns):
		return fmt.Sprintf("the name %s was not resolved within %s; check this machine's DNS servers", f.host(), within)
	default:
		return fmt.Sprintf("no connection to %s on port %s within %s; check the name, the port and firewalls", f.host(), portOf(f.url), within)
	}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
}

// certificateSentence names what the certificate says and should say.
func certificateSentence(fault scout.Fault, host string, err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	_ = errors.As(err, &invalid) || errors.As(err, &name) || errors.As(err, &unknown)
	cert := cmp.Or(invalid.Cert, name.Certificate, unknown.Cert, &x509.Certificate{})
	switch fault {
	case scout.FaultCertExpired:
		return fmt.Sprintf("the certificate of %s expired on %s; it must be renewed there", host, scout.Stamp(cert.NotAfter))
	case scout.FaultCertNotYet:
		return fmt.Sprintf("the certificate of %s is not valid before %s; check this machine's clock", host, scout.Stamp(cert.NotBefore))
	case scout.FaultCertName:
		return fmt.Sprintf("the certificate of %s is for %s; use a name that it covers, or have it issued for this one", host, namesOf(cert))
	case scout.FaultCertSelf:
		return fmt.Sprintf("the certificate of %s is self-signed; use one from an authority that this machine trusts", host)
	default:
		return fmt.Sprintf("the certificate of %s is from an authority that this machine does not know (%s); check that the whole chain is sent, or name a file with that authority in egress.ca_files",
			host, scout.Shorten(cert.Issuer.String(), 120))
	}
}

// namesOf lists what a certificate is valid for.
func namesOf(cert *x509.Certificate) string {
	names := append([]string{}, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no host name"
	}
	return scout.Shorten(strings.Join(names, ", "), 120)
}

// brief is an error's own text, short enough for a sentence.
func brief(err error) string { return scout.Shorten(strings.ToValidUTF8(err.Error(), "\uFFFD"), 200) }
