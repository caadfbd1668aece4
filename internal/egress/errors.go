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

	advice advice // the message in its parts
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// advice is a message in its parts.
type advice struct {
	found  string // what is wrong
	remedy string // what to do about it; "" for nothing
	remark string // on both, in brackets; "" for none
}

// message is the advice as one sentence.
func (a advice) message() string {
	text := a.found
	if a.remedy != "" {
		text += "; " + a.remedy
	}
	if a.remark != "" {
		text += " (" + a.remark + ")"
	}
	return text
}

// badURL is the error of a request whose URL cannot be sent to.
func badURL(err error) *Error {
	found, remedy, _ := strings.Cut(err.Error(), ": ")
	return &Error{Fault: scout.FaultMisconfigured, Message: err.Error(), Err: err, advice: advice{found: found, remedy: remedy}}
}

// explain turns the error of a flight into an Error. The context is the
// caller's, without the client's own deadline.
func (f *flight) explain(ctx context.Context, err error) *Error {
	e := &Error{Fault: f.faultOf(err), Address: f.reached(), Err: err}
	e.advice = f.adviceOn(ctx, e)
	e.Message = e.advice.message()
	return e
}

// adviceOn finds words for an error, and corrects what the words of others say
// about its fault and its address.
func (f *flight) adviceOn(ctx context.Context, e *Error) advice {
	var refused *refusal
	var source *sourceError
	var answer *proxyAnswer
	var op *net.OpError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Fault, e.Err = scout.FaultOther, ctx.Err()
		return advice{found: "the request was cancelled before " + f.host() + " had answered"}
	case errors.As(e.Err, &refused):
		e.Fault = scout.FaultAddressRefused
		if refused.addr.IsValid() {
			e.Address = net.JoinHostPort(refused.addr.String(), portOf(f.url))
		}
		return refused.advice
	case errors.As(e.Err, &source):
		e.Fault = scout.FaultMisconfigured
		return source.advice
	case errors.As(e.Err, &answer):
		e.Fault = answer.fault()
		return answer.advice(f.proxy, f.target())
	case e.Address == "" && errors.As(e.Err, &op) && op.Op == "dial" && op.Addr != nil:
		e.Address = op.Addr.String()
	}
	if f.proxy == nil {
		return f.advice(e.Fault, e.Err)
	}
	if !f.connected() {
		return f.proxyAdvice(e.Fault, e.Err)
	}
	a := f.advice(e.Fault, e.Err)
	a.remark = "through " + f.proxy.name()
	return a
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

// advice says what happened, and what to do about it.
func (f *flight) advice(fault scout.Fault, err error) advice {
	host, port := f.host(), portOf(f.url)
	switch fault {
	case scout.FaultTimeout:
		return f.timeoutAdvice(err)
	case scout.FaultRefused:
		return advice{
			found:  fmt.Sprintf("%s refused the connection on port %s", host, port),
			remedy: "check the port, and that the service runs",
		}
	case scout.FaultReset:
		return f.resetAdvice()
	case scout.FaultUnreachable:
		return advice{found: "there is no route to " + host, remedy: "check this machine's network and firewalls"}
	case scout.FaultUnknownHost:
		return advice{found: fmt.Sprintf("the host name %s does not exist", host), remedy: "check its spelling in the URL"}
	case scout.FaultResolver:
		return advice{found: fmt.Sprintf("the name %s could not be looked up", host), remedy: "check this machine's DNS servers"}
	case scout.FaultCertExpired, scout.FaultCertNotYet, scout.FaultCertName, scout.FaultCertUnknown, scout.FaultCertSelf:
		return certificateAdvice(fault, host, err)
	case scout.FaultTLS:
		return advice{
			found:  fmt.Sprintf("the TLS handshake with %s failed: %s", host, brief(err)),
			remedy: "check that it speaks TLS 1.2 or newer, and the URL's host and port",
		}
	case scout.FaultNotTLS:
		return advice{
			found:  fmt.Sprintf("%s does not speak TLS on port %s", host, port),
			remedy: "check the port, or write http:// if it has no TLS",
		}
	case scout.FaultProtocol:
		a := advice{found: fmt.Sprintf("%s did not answer with valid HTTP: %s", host, brief(err))}
		if f.url.Scheme == "http" {
			a.remedy = "if it expects TLS, write https://"
		}
		return a
	default:
		return advice{found: fmt.Sprintf("the request to %s failed: %s", host, brief(err))}
	}
}

// resetAdvice says at which point the receiver hung up.
func (f *flight) resetAdvice() advice {
	if f.ready {
		return advice{
			found:  f.host() + " closed the connection before its answer was complete",
			remedy: "check the port, and look into its log",
		}
	}
	return advice{
		found:  fmt.Sprintf("%s closed the connection on port %s before a request could be sent", f.host(), portOf(f.url)),
		remedy: "check the port, and write http:// if it has no TLS",
	}
}

// timeoutAdvice says which step the deadline met.
func (f *flight) timeoutAdvice(err error) advice {
	const workLater = "let it answer at once and do its work afterwards"
	within := seconds(f.timeout)
	var dns *net.DNSError
	switch {
	case f.status != 0:
		return advice{found: fmt.Sprintf("%s answered with status %d, but its answer did not end within %s", f.host(), f.status, within), remedy: workLater}
	case f.ready:
		return advice{found: fmt.Sprintf("no answer from %s within %s", f.host(), within), remedy: workLater}
	case f.reached() != "":
		return advice{
			found:  fmt.Sprintf("%s accepted the connection on port %s, but completed no TLS handshake within %s", f.host(), portOf(f.url), within),
			remedy: "check the port, and write http:// if it has no TLS",
		}
	case errors.As(err, &dns), f.lookingUp():
		return advice{found: fmt.Sprintf("the name %s was not resolved within %s", f.host(), within), remedy: "check this machine's DNS servers"}
	default:
		return advice{
			found:  fmt.Sprintf("no connection to %s on port %s within %s", f.host(), portOf(f.url), within),
			remedy: "check the name, the port and firewalls",
		}
	}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
}

// certificateAdvice names what the certificate says and should say.
func certificateAdvice(fault scout.Fault, host string, err error) advice {
	cert := cmp.Or(certificateOf(err), &x509.Certificate{})
	found := fmt.Sprintf("the certificate of %s ", host)
	switch fault {
	case scout.FaultCertExpired:
		return advice{found: found + "expired on " + scout.Stamp(cert.NotAfter), remedy: "it must be renewed there"}
	case scout.FaultCertNotYet:
		return advice{found: found + "is not valid before " + scout.Stamp(cert.NotBefore), remedy: "check this machine's clock"}
	case scout.FaultCertName:
		return advice{found: found + "is for " + namesOf(cert), remedy: "use a name that it covers, or have it issued for this one"}
	case scout.FaultCertSelf:
		return advice{
			found:  found + "is self-signed",
			remedy: "use one from an authority that this machine trusts, or name a file with it in egress.ca_files",
		}
	default:
		return advice{
			found:  fmt.Sprintf("%sis from an authority that this machine does not know (%s)", found, scout.Shorten(cert.Issuer.String(), 120)),
			remedy: "check that the whole chain is sent, or name a file with that authority in egress.ca_files",
		}
	}
}

// certificateOf returns the certificate that an error is about; nil if it is
// about none.
func certificateOf(err error) *x509.Certificate {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	_ = errors.As(err, &invalid) || errors.As(err, &name) || errors.As(err, &unknown)
	return cmp.Or(invalid.Cert, name.Certificate, unknown.Cert)
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
