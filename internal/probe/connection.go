package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"serverscout/internal/scout"
)

const (
	familyAny  = "any"
	familyIPv4 = "ipv4"
	familyIPv6 = "ipv6"

	maxPEM = 64 << 10 // characters
)

func families() []string { return []string{familyAny, familyIPv4, familyIPv6} }

// connectionSettings are the settings of the kinds that may speak TLS about
// how they connect.
type connectionSettings struct {
	family      string
	ca          string // PEM; "": the system's authorities
	certificate string // PEM, with key; "": none
	key         string
}

func connectionFields() []scout.Field {
	return []scout.Field{
		{
			Name: "family", Type: scout.TypeString, Default: familyAny, Enum: families(),
			Help: "The kind of address to connect to.",
		},
		{
			Name: "ca", Type: scout.TypeText, Max: maxPEM,
			Help: "Certificates of authorities (PEM) to trust in place of the system's.",
		},
		{
			Name: "client_certificate", Type: scout.TypeText, Max: maxPEM,
			Help: "A certificate (PEM) to present to the target's host, followed by those between it and its authority; needs client_key.",
		},
		{
			Name: "client_key", Type: scout.TypeText, Secret: true, Max: maxPEM,
			Help: "The key (PEM, without a passphrase) of client_certificate.",
		},
	}
}

// settings returns what is not as it is by default, under the fields' names.
func (c connectionSettings) settings() scout.Settings {
	s := scout.Settings{}
	if c.family != familyAny {
		s["family"] = c.family
	}
	for name, text := range map[string]string{"ca": c.ca, "client_certificate": c.certificate, "client_key": c.key} {
		if text != "" {
			s[name] = text
		}
	}
	return s
}

// compile returns the network as the settings narrow it for a target on host
// ("" for none), and the certificate to present, nil for none.
func (c connectionSettings) compile(n network, host string, faults *scout.Faults) (network, []tls.Certificate) {
	checkFamily(c.family, host, faults)
	n.dial = dialFamily(n.dial, c.family)
	if c.ca != "" {
		n.roots = compileAuthorities("ca", c.ca, faults)
	}
	return n, compileClientCertificate(c.certificate, c.key, faults)
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// dialFamily narrows a dial of TCP to one family of addresses.
func dialFamily(dial dialFunc, family string) dialFunc {
	network := map[string]string{familyIPv4: "tcp4", familyIPv6: "tcp6"}[family]
	if network == "" {
		return dial
	}
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		return dial(ctx, network, address)
	}
}

// checkFamily also refuses a target that is an address of the other family.
func checkFamily(family string, host string, faults *scout.Faults) {
	checkWord("family", family, families(), faults)
	address, err := netip.ParseAddr(host)
	if err != nil {
		return
	}
	switch isIPv4 := address.Unmap().Is4(); {
	case family == familyIPv6 && isIPv4:
		faults.Add("family", family, "the target is an IPv4 address: use any or ipv4")
	case family == familyIPv4 && !isIPv4:
		faults.Add("family", family, "the target is an IPv6 address: use any or ipv6")
	}
}

// lacksAddress reports whether a dial failed because the host has no address
// of the family it was narrowed to.
func lacksAddress(err error, family string) bool {
	var unsuitable *net.AddrError
	return family != familyAny && (errors.As(err, &unsuitable) || scout.FaultOf(err) == scout.FaultUnknownHost)
}

// withoutAddress words what lacksAddress reports, to stand after a colon.
func withoutAddress(family, host string) string {
	title := strings.Replace(family, "ip", "IP", 1)
	return fmt.Sprintf("no %s address is known for %s", title, short(host))
}

// compileAuthorities reads the certificates of a field, of which no fault
// quotes anything.
func compileAuthorities(field, text string, faults *scout.Faults) *x509.CertPool {
	certificates, err := parseCertificates(text)
	if err != nil {
		faults.Add(field, "", "%s", err)
		return nil
	}
	pool := x509.NewCertPool()
	for _, c := range certificates {
		pool.AddCert(c)
	}
	return pool
}

// parseCertificates reads one certificate or several in PEM form; there may be
// other text around them, but no other blocks.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, errors.New("only certificates can stand here: remove the other PEM blocks")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("a certificate in it is damaged: copy it again")
		}
		certificates = append(certificates, c)
	}
	switch begun := strings.Count(text, "-----BEGIN "); {
	case begun == 0:
		return nil, errors.New("write certificates in PEM form, from -----BEGIN CERTIFICATE----- on")
	case begun > len(certificates):
		return nil, errors.New("a PEM block in it is cut off or damaged: copy it again")
	}
	return certificates, nil
}

// compileClientCertificate pairs a certificate with its key; nil where there
// is neither. Its faults quote nothing.
func compileClientCertificate(certificate, key string, faults *scout.Faults) []tls.Certificate {
	switch {
	case certificate == "" && key == "":
		return nil
	case key == "":
		faults.Add("client_key", "", "is missing: client_certificate needs its key")
		return nil
	case certificate == "":
		faults.Add("client_certificate", "", "is missing: client_key needs its certificate")
		return nil
	}
	if _, err := parseCertificates(certificate); err != nil {
		faults.Add("client_certificate", "", "%s", err)
		return nil
	}
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	switch {
	case err == nil:
		return []tls.Certificate{pair}
	case strings.Contains(err.Error(), "does not match"): // there is no type for it
		faults.Add("client_key", "", "does not belong to the first certificate in client_certificate")
	default:
		faults.Add("client_key", "", "write a private key in PEM form, without a passphrase")
	}
	return nil
}
