package probe

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// splitTarget reads "host:port", or "host" alone where there is a default
// port. IPv6 addresses stand in brackets when a port follows them.
func splitTarget(s, defaultPort string) (host, port string, err error) {
	host, port = s, defaultPort
	if !portless(s) {
		if host, port, err = net.SplitHostPort(s); err != nil {
			return "", "", errors.New("write host:port, an IPv6 address in brackets")
		}
	}
	host = unbracket(host)
	if err := checkHost(host); err != nil {
		return "", "", err
	}
	if port == "" {
		return "", "", errors.New("the port is missing: write host:port")
	}
	if err := checkPort(port); err != nil {
		return "", "", err
	}
	return host, port, nil
}

// portless reports whether s is a host without a port.
func portless(s string) bool {
	_, err := netip.ParseAddr(unbracket(s))
	return err == nil || !strings.Contains(s, ":")
}

func unbracket(host string) string {
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1]
	}
	return host
}

// checkHost accepts IP addresses and host names in their ASCII form.
func checkHost(host string) error {
	if host == "" {
		return errors.New("the host is missing: write host:port")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if len(host) > 253 {
		return errors.New("a host name has at most 253 characters")
	}
	for _, r := range host {
		switch {
		case r > 127:
			return errors.New("write the host name in its ASCII form, beginning with xn--")
		case !isAlphanumeric(r) && !strings.ContainsRune("-._", r):
			return fmt.Errorf("%q cannot stand in a host name", r)
		}
	}
	return nil
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func checkPort(port string) error {
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return errors.New("the port is a number from 1 to 65535")
	}
	return nil
}

// showable returns a target for an error to quote, and "" for one that may
// hold credentials.
func showable(target string) string {
	if strings.ContainsAny(target, "@?#") {
		return ""
	}
	return target
}
