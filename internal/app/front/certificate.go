package front

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// lookEvery is how often the files of a certificate are looked at, at most.
const lookEvery = 5 * time.Second

// Certificate is a certificate and its key in two files, as they are now: when
// the files change, so does what Get returns. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	looked  time.Time
	fault   string // what the files were refused for when they were looked at last; "" if they were not
}

// LoadCertificate reads a certificate, with those between it and its authority,
// and its key from PEM files. What becomes of the files later is told to log.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("the certificate in %q and the key in %q cannot be used: %w", certFile, keyFile, err)
	}
	return &Certificate{certFile: certFile, keyFile: keyFile, log: log, current: &pair, looked: time.Now()}, nil
}

// Get is for tls.Config's GetCertificate. It looks at the files every 5 s at
// most. While they hold no certificate and key that belong together, which is
// logged once, it returns the last ones that did. It never fails.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		c.look()
	}
	return c.current, nil
}

// look takes over what is in the files.
func (c *Certificate) look() {
	next, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		if c.fault != err.Error() {
			c.log.Error("the certificate's files cannot be used; the certificate read before is shown until they can",
				"cert_file", c.certFile, "key_file", c.keyFile, "error", err)
		}
		c.fault = err.Error()
		return
	}
	c.fault = ""
	if slices.EqualFunc(next.Certificate, c.current.Certificate, bytes.Equal) {
		return
	}
	c.current = &next
	c.log.Info("the certificate was read anew", "cert_file", c.certFile, "expires", next.Leaf.NotAfter.UTC().Format(time.DateOnly))
}
