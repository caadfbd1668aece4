package scout

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Fault is a name for what went wrong on the network or at the other end,
// the same for probes and for attempts.
type Fault string

// The faults. The last group is for attempts only.
const (
	NoFault          Fault = ""
	FaultTimeout     Fault = "timeout"
	FaultRefused     Fault = "connection_refused"
	FaultReset       Fault = "connection_reset"
	FaultUnreachable Fault = "unreachable"
	FaultUnknownHost Fault = "unknown_host"
	FaultResolver    Fault = "resolver_failed"
	FaultCertExpired Fault = "certificate_expired"
	FaultCertNotYet  Fault = "certificate_not_yet_valid"
	FaultCertName    Fault = "certificate_name"
	FaultCertUnknown Fault = "certificate_unknown_authority"
	FaultCertSelf    Fault = "certificate_self_signed"
	FaultTLS         Fault = "tls_handshake"
	FaultNotTLS      Fault = "not_tls"
	FaultProtocol    Fault = "protocol"
	FaultOther       Fault = "other"

	FaultAddressRefused Fault = "address_refused"
	FaultRedirect       Fault = "redirect"
	FaultMisconfigured  Fault = "misconfigured"
	FaultGone           Fault = "gone"
	FaultRateLimited    Fault = "rate_limited"
	FaultServerError    Fault = "server_error"
	FaultRejected       Fault = "rejected" // a 2xx whose body says it failed
	FaultStatus         Fault = "unexpected_status"
	FaultUnrenderable   Fault = "unrenderable"
	FaultInterrupted    Fault = "interrupted"
)

// Describe returns the fault in words that complete a sentence, such as
// "connection refused".
func (f Fault) Describe() string {
	switch f {
	case FaultTimeout:
		return "timed out"
	case FaultUnreachable:
		return "network unreachable"
	case FaultUnknownHost:
		return "unknown host name"
	case FaultResolver:
		return "name resolution failed"
	case FaultCertExpired:
		return "the certificate has expired"
	case FaultCertNotYet:
		return "the certificate is not valid yet"
	case FaultCertName:
		return "the certificate is for another name"
	case FaultCertUnknown:
		return "the certificate is from an unknown authority"
	case FaultCertSelf:
		return "the certificate is self-signed"
	case FaultTLS:
		return "the TLS handshake failed"
	case FaultNotTLS:
		return "the other end does not speak TLS"
	case FaultProtocol:
		return "the answer is not valid HTTP"
	case FaultAddressRefused:
		return "the address is not allowed"
	default:
		return strings.ReplaceAll(string(f), "_", " ")
	}
}

// FaultOf names the fault behind an error of the net, tls or http packages.
// It returns NoFault for nil and FaultOther for what it does not know.
func FaultOf(err error) Fault {
	if err == nil {
		return NoFault
	}
	if f := certificateFault(err); f != NoFault {
		return f
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		switch {
		case dns.IsNotFound:
			return FaultUnknownHost
		case dns.IsTimeout:
			return FaultTimeout
		default:
			return FaultResolver
		}
	}
	var netErr net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &netErr) && netErr.Timeout():
		return FaultTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return FaultRefused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return FaultReset
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN):
		return FaultUnreachable
	}
	var record tls.RecordHeaderError
	var alert tls.AlertError
	text := err.Error()
	switch {
	case errors.As(err, &record), strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return FaultNotTLS
	case errors.As(err, &alert), strings.Contains(text, "tls: "):
		return FaultTLS
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "malformed MIME"):
		return FaultProtocol
	}
	return FaultOther
}

func certificateFault(err error) Fault {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		// The package has one reason for both ends of the validity; its text
		// names the end that failed.
		if strings.Contains(invalid.Detail, "is before") {
			return FaultCertNotYet
		}
		return FaultCertExpired
	}
	var name x509.HostnameError
	if errors.As(err, &name) {
		return FaultCertName
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		leaf := unknown.Cert // the authority instead, where the server sent it along
		var failed *tls.CertificateVerificationError
		if errors.As(err, &failed) && len(failed.UnverifiedCertificates) > 0 {
			leaf = failed.UnverifiedCertificates[0]
		}
		if selfSigned(leaf) {
			return FaultCertSelf
		}
		return FaultCertUnknown
	}
	if errors.As(err, &invalid) {
		return FaultTLS
	}
	return NoFault
}

// selfSigned reports whether a certificate vouches for itself. It does not ask
// whether the certificate may sign others, as CheckSignatureFrom would.
func selfSigned(c *x509.Certificate) bool {
	return c != nil && string(c.RawIssuer) == string(c.RawSubject) &&
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}
