package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// maxTCPAnswer is how much of an answer is searched for the expected text.
const maxTCPAnswer = 64 << 10

type tcpSettings struct {
	Send   string         `json:"send"`
	Expect tcpExpect      `json:"expect"`
	Warn   latencyWarning `json:"warn"`
}

type tcpExpect struct {
	Contains string `json:"contains"`
}

func init() { register(tcpKind()) }

func tcpKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:        "tcp",
			Title:       "TCP",
			Help:        "Connects to a TCP port; may send text and look for text in the answer.",
			NeedsTarget: true,
			TargetHelp:  "host:port, or the port alone on a server with an address.",
			Fields: []scout.Field{
				{
					Name: "send", Type: scout.TypeString, Example: `PING\r\n`, Max: 4096,
					Help: `What to send after connecting; \r, \n, \t and \x00 stand for the bytes they name.`,
				},
				{
					Name: "expect", Type: scout.TypeObject,
					Help: "What the answer must be like.",
					Fields: []scout.Field{{
						Name: "contains", Type: scout.TypeString, Example: "+PONG", Max: 4096,
						Help: "Text that the first 64 KiB of the answer must contain.",
					}},
				},
				latencyWarningField(),
			},
		},
		DefaultTarget: func(scout.Server) string { return "" },
		Compile:       func(t scout.Target) (Prober, error) { return compileTCP(t, systemNetwork()) },
	}
}

type tcpProbe struct {
	net      network
	service  string
	address  string
	at       place
	send     []byte
	contains []byte
	warn     latencyWarning
	timeout  time.Duration
}

func compileTCP(t scout.Target, n network) (Prober, error) {
	var faults scout.Faults
	s := decode(t.Check.Settings, tcpSettings{}, &faults)
	host, port, err := tcpTarget(t)
	if err != nil {
		faults.Add("target", showable(t.Check.Target), "%s", err)
	}
	send, err := unescape(s.Send)
	if err != nil {
		faults.Add("send", s.Send, "%s", err)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	p := &tcpProbe{
		net:      n,
		service:  serviceName(t.Check.Name, "TCP"),
		address:  net.JoinHostPort(host, port),
		at:       place{host: host, port: port},
		send:     send,
		contains: []byte(s.Expect.Contains),
		warn:     s.Warn,
		timeout:  timeoutOf(t.Check),
	}
	return newProber(t.Check, p.look), nil
}

// tcpTarget reads host:port, tcp://host:port, or a port of the server.
func tcpTarget(t scout.Target) (host, port string, err error) {
	target := strings.TrimSuffix(strings.TrimPrefix(t.Check.Target, "tcp://"), "/")
	if checkPort(target) == nil {
		if t.Server.IP == "" {
			return "", "", errors.New("a port alone needs a server with an address: write host:port")
		}
		return splitTarget(unbracket(t.Server.IP), target)
	}
	return splitTarget(target, "")
}

// unescape replaces Go's escapes for bytes and characters.
func unescape(s string) ([]byte, error) {
	var out []byte
	for s != "" {
		r, multibyte, rest, err := strconv.UnquoteChar(s, 0)
		if err != nil {
			return nil, errors.New(`a backslash begins an escape such as \r, \n, \t or \x00; write \\ for the backslash itself`)
		}
		if multibyte {
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, byte(r))
		}
		s = rest
	}
	return out, nil
}

func (p *tcpProbe) look(ctx context.Context) scout.Result {
	start := time.Now()
	conn, err := p.net.dial(ctx, "tcp", p.address)
	if err != nil {
		return p.outage(err)
	}
	defer conn.Close()
	// Reads and writes know deadlines but no contexts.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if len(p.send)+len(p.contains) > 0 {
		beginStep(ctx, stepAnswer)
	}
	if len(p.send) > 0 {
		if _, err := conn.Write(p.send); err != nil {
			return p.outage(err)
		}
	}
	found, received, err := awaitText(conn, p.contains)
	latency := time.Since(start)
	switch {
	case !found && received && scout.FaultOf(err) == scout.FaultTimeout:
		return down(latency, fmt.Sprintf("%s answered on %s without the expected text within %s", p.service, p.at, latencyText(p.timeout)))
	case !found && received:
		return down(latency, fmt.Sprintf("%s answered on %s without the expected text", p.service, p.at))
	case !found:
		return p.outage(err)
	case p.warn.exceeded(latency):
		return warning(latency, slowly(p.service, p.at, latency, p.warn.Latency))
	case len(p.contains) > 0:
		return up(latency, fmt.Sprintf("%s answers as expected on %s", p.service, p.at))
	default:
		return up(latency, fmt.Sprintf("%s accepts connections on %s", p.service, p.at))
	}
}

func (p *tcpProbe) outage(err error) scout.Result {
	return down(0, outage(p.service, p.at, err, p.timeout))
}

// awaitText reads until text has come, the other end closes, or the limit is
// reached. It reports whether the text, and whether anything, was received;
// where the text was not, err says why reading ended.
func awaitText(r io.Reader, text []byte) (found, received bool, err error) {
	if len(text) == 0 {
		return true, false, nil
	}
	answer := make([]byte, 0, 4096)
	chunk := make([]byte, 4096)
	for len(answer) < maxTCPAnswer && err == nil {
		var n int
		n, err = r.Read(chunk)
		// Only what is new, and what may begin the text just before it.
		from := max(0, len(answer)-len(text)+1)
		answer = append(answer, chunk[:n]...)
		if bytes.Contains(answer[from:], text) {
			return true, true, nil
		}
	}
	return false, len(answer) > 0, err
}
