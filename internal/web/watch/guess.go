package watch

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// guess is what somebody most likely wants who typed what should be watched.
type guess struct {
	Host string
	Bare bool // the host alone was given
	// Checks are those to propose; of a bare host only whether it answers pings.
	Checks []proposal
}

// A proposal is a check that can be made with one tick.
type proposal struct {
	Kind, Name, Target string
	On                 bool // ticked
	Certificate        bool // of an https target: its certificate is watched too
	Tried              []tried
}

// key says what a proposal is, for the form to send it back.
func (p proposal) key() string { return p.Kind + "|" + p.Name + "|" + p.Target }

// parseProposal is the inverse of key; false for what is none.
func parseProposal(key string) (proposal, bool) {
	parts := strings.SplitN(key, "|", 3)
	if len(parts) != 3 {
		return proposal{}, false
	}
	return proposal{Kind: parts[0], Name: parts[1], Target: parts[2]}, true
}

func (p proposal) https() bool { return strings.HasPrefix(p.Target, "https://") }

// isDown reports whether it was tried and is down, whatever its certificate.
func (p proposal) isDown() bool { return len(p.Tried) > 0 && p.Tried[0].state() == ui.Down }

// keys are the proposal as manage reads it.
func (p proposal) keys() map[string]any {
	keys := map[string]any{"kind": p.Kind, "name": p.Name, "target": p.Target}
	if p.https() && !p.Certificate {
		keys["certificate"] = false
	}
	return keys
}

// whatFault is a fault of the one field of the first step.
func whatFault(message string) error {
	return &scout.Error{Code: scout.Invalid, Fields: []scout.FieldError{{Field: "what", Message: message}}}
}

// guessWhat reads a URL, a host name, an address, or either with a port.
func guessWhat(what string) (guess, error) {
	what = strings.TrimSpace(what)
	scheme, rest, isURL := strings.Cut(what, "://")
	host, port, splitErr := net.SplitHostPort(what)
	switch {
	case what == "":
		return guess{}, whatFault("Type a URL, a host name, an address, or either of the two with a port.")
	case isURL && strings.EqualFold(scheme, "tcp"):
		return guessWhat(strings.TrimSuffix(rest, "/"))
	case isURL:
		return guessURL(what)
	case isHost(what):
		host := unbracketed(what)
		return guess{Host: host, Bare: true, Checks: []proposal{{Kind: "icmp", Name: "Ping", Target: host}}}, nil
	case splitErr == nil && isHost(host):
		return guessPort(host, port)
	case strings.ContainsAny(what, "/?"):
		return guessURL("https://" + what) // an address without its beginning
	default:
		return guess{}, whatFault("This is neither a URL nor a host name or an address: check how it is written.")
	}
}

func guessURL(text string) (guess, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Host == "", !isHost(u.Hostname()):
		return guess{}, whatFault("This URL cannot be read: write it like https://example.com/health.")
	case u.User != nil:
		return guess{}, whatFault("Leave name and password out of the URL. Add the server, then the check on its page: the form there keeps them secret.")
	}
	u.Scheme, u.Fragment = strings.ToLower(u.Scheme), ""
	if u.Path == "" {
		u.Path = "/"
	}
	check := proposal{Kind: "http", Target: u.String()}
	switch u.Scheme {
	case "http":
		check.Name = "HTTP"
	case "https":
		check.Name, check.Certificate = "HTTPS", true
	default:
		return guess{}, whatFault("Only http and https URLs can be watched; for another service write its host and port, like example.com:22.")
	}
	return guess{Host: u.Hostname(), Checks: []proposal{check}}, nil
}

func guessPort(host, port string) (guess, error) {
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return guess{}, whatFault("A port is a number from 1 to 65535.")
	}
	check := proposal{Kind: "tcp", Name: "Port " + port, Target: net.JoinHostPort(host, port)}
	return guess{Host: host, Checks: []proposal{check}}, nil
}

// isHost tells hosts from what else may be typed. Whether it is a good one is
// for manage to judge.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(unbracketed(s)); err == nil {
		return true
	}
	return s != "" && !strings.ContainsAny(s, "/?#:@[]%|\\ ") && !strings.ContainsFunc(s, unicode.IsControl)
}

func unbracketed(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		return strings.TrimSuffix(inner, "]")
	}
	return host
}
