package probe

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

func TestTCP(t *testing.T) {
	t.Parallel()
	banner := routed(serve(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 mail.exam")
		_, _ = io.WriteString(c, "ple.com ready\r\n")
		untilClosed(c)
	}))
	echo := routed(serve(t, func(c net.Conn) { _, _ = io.Copy(c, c) }))
	closing := routed(serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "go away") }))
	flood := routed(serve(t, func(c net.Conn) {
		_, _ = c.Write(bytes.Repeat([]byte("x"), maxTCPAnswer))
		untilClosed(c)
	}))
	contains := func(s string) map[string]any { return map[string]any{"contains": s} }
	tests := []struct {
		name     string
		network  network
		settings scout.Settings
		level    scout.Level
		message  string
	}{
		{"connects", banner, nil, scout.Up, "SMTP service accepts connections on port 25"},
		{"sends", echo, scout.Settings{"send": "hello"}, scout.Up, "SMTP service accepts connections on port 25"},
		{"finds", banner, scout.Settings{"expect": contains("mail.example.com")}, scout.Up, "SMTP service answers as expected on port 25"},
		{"echoes", echo, scout.Settings{"send": `a\x00\r\nb`, "expect": contains("a\x00\r\nb")}, scout.Up, "SMTP service answers as expected on port 25"},
		{"misses", banner, scout.Settings{"expect": contains("IMAP")}, scout.Down, "SMTP service answered on port 25 without the expected text within 100 ms"},
		{"closes", closing, scout.Settings{"expect": contains("IMAP")}, scout.Down, "SMTP service answered on port 25 without the expected text"},
		{"floods", flood, scout.Settings{"expect": contains("IMAP")}, scout.Down, "SMTP service answered on port 25 without the expected text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check := scout.Check{Name: "SMTP", Target: "mail.example.com:25", Settings: tt.settings, Timeout: 10 * time.Second}
			if strings.HasSuffix(tt.message, "100 ms") {
				check.Timeout = 100 * time.Millisecond
			}
			r := observe(t, compileTCP, check, tt.network)
			expect(t, r, tt.level, tt.message)
			if r.Latency <= 0 {
				t.Errorf("the latency is %s", r.Latency)
			}
		})
	}
}

func TestTCPSlow(t *testing.T) {
	t.Parallel()
	for latency, message := range map[time.Duration]string{
		800 * time.Millisecond:  "TCP service accepts connections on port 25",
		801 * time.Millisecond:  "TCP service answers slowly on port 25: 801 ms, more than 800 ms",
		1240 * time.Millisecond: "TCP service answers slowly on port 25: 1.24 s, more than 800 ms",
	} {
		synctest.Test(t, func(t *testing.T) {
			n := network{dial: func(context.Context, string, string) (net.Conn, error) {
				<-time.After(latency)
				client, server := net.Pipe()
				return client, server.Close()
			}}
			check := scout.Check{Target: "mail.example.com:25", Settings: scout.Settings{"warn": map[string]any{"latency": "800ms"}}}
			level := scout.Warning
			if latency <= 800*time.Millisecond {
				level = scout.Up
			}
			r := observe(t, compileTCP, check, n)
			expect(t, r, level, message)
			if r.Latency != latency {
				t.Errorf("the latency is %s, want %s", r.Latency, latency)
			}
		})
	}
}

func TestTCPTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"5432":                 "[2001:db8::1]:5432",
		"db.example.com:5432":  "db.example.com:5432",
		"tcp://192.0.2.1:22/":  "192.0.2.1:22",
		"[2001:db8::2]:22":     "[2001:db8::2]:22",
		"2001:db8::2":          "",
		"db.example.com":       "",
		"db.example.com:0":     "",
		"db.example.com:65536": "",
		"db.example.com:smtp":  "",
		"db/example.com:22":    "",
		"dß.example.com:22":    "",
		":22":                  "",
		"":                     "",
		"70000":                "",
	} {
		host, port, err := tcpTarget(scout.Target{Check: scout.Check{Target: target}, Server: scout.Server{IP: "[2001:db8::1]"}})
		got := ""
		if err == nil {
			got = net.JoinHostPort(host, port)
		}
		if got != want {
			t.Errorf("%q: got %q, %v, want %q", target, got, err, want)
		}
	}
}

// The text is found however the answer is cut into pieces.
func TestAwaitText(t *testing.T) {
	t.Parallel()
	answer := strings.Repeat("a", 5000) + "needle" + strings.Repeat("b", 5000)
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(answer),
		"bytes": iotest.OneByteReader(strings.NewReader(answer)),
		"half":  iotest.HalfReader(strings.NewReader(answer)),
		"error": iotest.DataErrReader(strings.NewReader(answer[:5006])),
	} {
		if found, received, err := awaitText(r, []byte("needle")); !found || !received || err != nil {
			t.Errorf("%s: got %t, %t, %v", name, found, received, err)
		}
	}
	if found, received, err := awaitText(strings.NewReader(answer), []byte("camel")); found || !received || err != io.EOF {
		t.Errorf("absent: got %t, %t, %v", found, received, err)
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add(`PING\r\n\x00é"'\\`)
	f.Add(`\`)
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = unescape(s)
		// Escaping every backslash brings the text back.
		again, err := unescape(strings.ReplaceAll(s, `\`, `\\`))
		if err != nil || string(again) != string([]rune(s)) {
			t.Errorf("%q came back as %q, %v", s, again, err)
		}
	})
}

func FuzzSplitTarget(f *testing.F) {
	for _, s := range []string{"a:1", "[::1]:443", "::1", "fe80::1%eth0", "[", ":", "a:b:c", "tcp://x:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, port, err := splitTarget(s, "443")
		if err != nil {
			return
		}
		again, samePort, err := splitTarget(net.JoinHostPort(host, port), "")
		if err != nil || again != host || samePort != port {
			t.Errorf("%q: %q and %q came back as %q, %q, %v", s, host, port, again, samePort, err)
		}
	})
}
