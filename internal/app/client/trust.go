package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"serverscout/internal/scout"
)

// Trust has the client accept servers whose certificates come from the
// authorities in a PEM file, besides those of the system. It is for before the
// first request. A file that is of no use is an Invalid error.
func (c *Client) Trust(file string) error {
	authorities, err := x509.SystemCertPool()
	if err != nil {
		return fmt.Errorf("the system's certificate authorities cannot be read: %w", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return &scout.Error{Code: scout.Invalid, Message: "the file with the server's authority cannot be read", Err: err}
	}
	if !authorities.AppendCertsFromPEM(text) {
		return scout.Errorf(scout.Invalid, "%s holds no certificate: it must be PEM text, with lines of -----BEGIN CERTIFICATE-----", file)
	}
	c.http.Transport = transport(&tls.Config{RootCAs: authorities})
	return nil
}

// transport is that of every client, with TLS of its own.
func transport(t *tls.Config) *http.Transport {
	way := http.DefaultTransport.(*http.Transport).Clone()
	way.TLSClientConfig = t
	return way
}

// silence says why a server did not answer, and what to do.
func silence(base string, err error) error {
	e := &scout.Error{
		Code:    scout.Unavailable,
		Message: fmt.Sprintf("the server at %s does not answer (is it running, and is --url right?)", base),
		Err:     err,
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		e.Message = fmt.Sprintf("the certificate of the server at %s is from an authority that is not known here: name a PEM file with it by --ca", base)
	}
	return e
}
