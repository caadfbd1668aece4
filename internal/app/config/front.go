package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"serverscout/internal/scout"
)

// TLS names the certificate that the server shows. The zero value is none:
// plain HTTP is served.
type TLS struct {
	CertFile, KeyFile string // absolute paths of PEM files that belong together; both or neither
}

// On reports whether HTTPS is served.
func (t TLS) On() bool { return t.CertFile != "" }

// longestTLSFile is how many bytes a file of tls has at most.
const longestTLSFile = 1 << 20

// setTLSFile returns the setter of one of TLS's paths, for those that start at
// dir. Whether the two files belong together is seen when both are known.
func (c *Config) setTLSFile(file *string, dir string) func(string) error {
	return func(s string) error {
		full, err := filepath.Abs(absoluteIn(dir, s))
		if err != nil {
			return err
		}
		if _, err := readLimited(full, longestTLSFile); err != nil {
			return fmt.Errorf("the file %q cannot be read: %w", s, err)
		}
		*file = full
		return nil
	}
}

// check says what is wrong with the two files as a pair.
func (t TLS) check() error {
	if t == (TLS{}) {
		return nil
	}
	if t.CertFile == "" || t.KeyFile == "" {
		return errors.New("takes both cert_file and key_file: name the file that is missing")
	}
	if _, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
		return fmt.Errorf("what is in cert_file and key_file cannot be used: %w", withoutPath(err))
	}
	return nil
}

func (c *Config) setTrustedProxies(entries []string) error {
	var faults scout.Faults
	proxies := make([]netip.Prefix, 0, len(entries))
	for i, entry := range entries {
		p, err := parseProxy(strings.TrimSpace(entry))
		if err != nil {
			faults.Add(index("", i), "", "%q is neither a range such as 10.0.0.0/8 nor an address such as 127.0.0.1", scout.Shorten(entry, 80))
			continue
		}
		proxies = append(proxies, p)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	c.TrustedProxies = proxies
	return nil
}

// parseProxy reads a range or a single address.
func parseProxy(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		addr = addr.Unmap().WithZone("")
		return addr.Prefix(addr.BitLen())
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// rootForm is what the path of public_url may be, so that it is the same in
// every link, header and route, without any escaping.
var rootForm = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)

// isRoot reports whether everything can be served below a path. What lies
// below /api already is the API's.
func isRoot(p string) bool {
	return rootForm.MatchString(p) && (p == "" || path.Clean(p) == p) && !strings.HasPrefix(p+"/", "/api/")
}

// Root is the path of PublicURL, below which everything is served: "" or, for
// example, "/scout".
func (c Config) Root() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil { // it was checked when it was set
		return ""
	}
	return u.Path
}

// LocalURL is where a server that was started with these flags and variables
// answers on its own machine. What else the file says does not count, faults
// included: the server runs on as it was when the file gets one.
func LocalURL(flags Flags, environ func(string) (string, bool)) (string, error) {
	c, _ := fromFile(flags.path(environ), environ)
	var faults scout.Faults
	c.override(flags, environ, &faults)
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", fmt.Errorf("reading listen: %w", err)
	}
	if port == "0" {
		return "", scout.Errorf(scout.Invalid, "listen is %s, a port that is chosen when the server starts: say where it is with --url", c.Listen)
	}
	scheme := "http"
	if c.TLS.On() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(Nearby(host), port), nil
}

// Nearby is the address of this machine at which a program that listens on host
// is reached: what stands for all addresses is none that can be opened.
func Nearby(host string) string {
	switch host {
	case "", "0.0.0.0":
		return "127.0.0.1"
	case "::":
		return "::1"
	default:
		return host
	}
}
