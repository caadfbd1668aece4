package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// networkSteps are the steps that Diagnose reports.
var networkSteps = scout.DoctorSteps()[:len(scout.DoctorSteps())-1]

// diagnose diagnoses a request and fails the test unless the findings are what
// all findings must be: each step once and in order, with a remedy where there
// is something to do.
func diagnose(t *testing.T, c *Client, r scout.Request, trust Trust) map[scout.DoctorStep]scout.Finding {
	t.Helper()
	var order []scout.DoctorStep
	found := map[scout.DoctorStep]scout.Finding{}
	_, err := c.Diagnose(t.Context(), r, trust, func(f scout.Finding) {
		order = append(order, f.Step)
		found[f.Step] = f
	})
	if len(order) != len(networkSteps) || len(found) != len(networkSteps) {
		t.Fatalf("the steps reported are %v (%v)", order, err)
	}
	for i, step := range networkSteps {
		f := found[step]
		if order[i] != step {
			t.Errorf("step %d is %s, want %s", i, order[i], step)
		}
		if advised := f.Outcome == scout.FindingFailed || f.Outcome == scout.FindingWarned; advised != (f.Remedy != "") || f.Says == "" {
			t.Errorf("%s is %s, says %q and advises %q", step, f.Outcome, f.Says, f.Remedy)
		}
	}
	return found
}

// A symptom is the finding that a case must come to.
type symptom struct {
	step    scout.DoctorStep
	outcome scout.FindingOutcome
	says    string // in what it says
	remedy  string // in its remedy
}

// shows fails the test unless a symptom is there, and nothing failed before it
// or was tried after it.
func (s symptom) shows(t *testing.T, found map[scout.DoctorStep]scout.Finding) {
	t.Helper()
	f := found[s.step]
	if f.Outcome != s.outcome || !strings.Contains(f.Says, s.says) || !strings.Contains(f.Remedy, s.remedy) {
		t.Errorf("%s is %s, says %q and advises %q;\nwant %s, %q and %q", s.step, f.Outcome, f.Says, f.Remedy, s.outcome, s.says, s.remedy)
	}
	for _, step := range networkSteps {
		other := found[step]
		if step == s.step {
			continue
		}
		if other.Outcome == scout.FindingFailed || other.Outcome == scout.FindingWarned {
			t.Errorf("%s is %s as well: %s", step, other.Outcome, other.Says)
		}
		needs := s.outcome == scout.FindingFailed && place(step) > place(s.step)
		known := step == scout.StepTime || s.step == scout.StepPolicy && step == scout.StepDNS // whatever failed before
		if needs && !known && (other.Outcome != scout.FindingSkipped || !strings.Contains(other.Says, s.step.Title())) {
			t.Errorf("after %s, %s is %s and says %q", s.step, step, other.Outcome, other.Says)
		}
	}
}

func failed(step scout.DoctorStep, says, remedy string) symptom {
	return symptom{step, scout.FindingFailed, says, remedy}
}

func warned(step scout.DoctorStep, says, remedy string) symptom {
	return symptom{step, scout.FindingWarned, says, remedy}
}

func TestDiagnoseHealthy(t *testing.T) {
	t.Parallel()
	var messages atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		messages.Add(1)
		io.Copy(io.Discard, r.Body)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := newTestClient(t, Options{RootCAs: rootsOf(server)})
	found := diagnose(t, c, scout.Request{URL: server.URL, ContentType: "application/json", Body: []byte("{}")}, TrustPrivate)
	for _, step := range networkSteps {
		want := scout.FindingPassed
		if step == scout.StepDNS {
			want = scout.FindingSkipped
		}
		if f := found[step]; f.Outcome != want {
			t.Errorf("%s is %s: %s", step, f.Outcome, f.Says)
		}
	}
	if n := messages.Load(); n != 1 {
		t.Errorf("the receiver got %d messages", n)
	}
	facts := found[scout.StepAnswer].Facts
	if len(facts) < 2 || facts[0][1] != "200 OK" || facts[1][1] != "HTTP/2.0" {
		t.Errorf("the answer's facts are %v", facts)
	}
	for _, step := range []scout.DoctorStep{scout.StepTCP, scout.StepTLS, scout.StepTime} {
		if found[step].Took <= 0 {
			t.Errorf("%s took no time", step)
		}
	}
}

func TestDiagnoseStatuses(t *testing.T) {
	t.Parallel()
	plain := scout.Request{ContentType: "application/json", Body: []byte("{}")}
	with := func(name, value string) scout.Request {
		r := plain
		r.Header = http.Header{name: {value}}
		r.Secrets = []string{value}
		return r
	}
	tokenInURL := plain
	tokenInURL.Secrets = []string{"T0K3N"}
	signed := plain
	signed.Header = http.Header{"Webhook-Signature": {"v1,abc"}}
	tests := []struct {
		name    string
		request scout.Request
		status  int
		header  http.Header
		body    string
		want    symptom
	}{
		{"redirect", plain, 301, http.Header{"Location": {"/in?key=s3cret"}}, "", failed(scout.StepAnswer, "301 Moved Permanently, a redirect to http://127.0.0.1:", "/in?key="+scout.Masked)},
		{"redirect to another host", plain, 307, http.Header{"Location": {"https://hooks.example.com/new"}}, "", failed(scout.StepAnswer, "not followed", "Use https://hooks.example.com/new as the webhook's URL.")},
		{"redirect to nowhere", plain, 302, nil, "", failed(scout.StepAnswer, "302 Found", "final URL")},
		{"redirect to what is no URL", plain, 302, http.Header{"Location": {":// no"}}, "", failed(scout.StepAnswer, "302", "final URL")},
		{"400", plain, 400, nil, "", failed(scout.StepAnswer, "400 Bad Request", "Choose the format")},
		{"401 without a credential", plain, 401, nil, "", failed(scout.StepAnswer, "401 Unauthorized", "Add the header that the receiver wants")},
		{"401 with a header", with("Authorization", "Bearer abcdef"), 401, nil, "", failed(scout.StepAnswer, "401", "the value of the header Authorization")},
		{"403 with a header of any name", with("X-Door", "abcdef"), 403, nil, "", failed(scout.StepAnswer, "403 Forbidden", "the value of the header X-Door")},
		{"403 with a token in the URL", tokenInURL, 403, nil, "", failed(scout.StepAnswer, "403", "the token or key in the webhook's URL or settings")},
		{"401 and signed", signed, 401, nil, "", failed(scout.StepAnswer, "401", "the signing secret")},
		{"404", plain, 404, nil, "", failed(scout.StepAnswer, "404 Not Found", "Check the path")},
		{"405", plain, 405, http.Header{"Allow": {"GET"}}, "", failed(scout.StepAnswer, "405", "takes no POST")},
		{"410", plain, 410, nil, "", failed(scout.StepAnswer, "410 Gone", "Make a new webhook")},
		{"413", plain, 413, nil, "", failed(scout.StepAnswer, "413", "this one had 2 bytes")},
		{"415", plain, 415, nil, "", failed(scout.StepAnswer, "415", "does not take application/json")},
		{"422", plain, 422, nil, "", failed(scout.StepAnswer, "422", "Choose the format")},
		{"429", plain, 429, http.Header{"Retry-After": {"30"}}, "", failed(scout.StepAnswer, "429 Too Many Requests", "Retry-After: 30")},
		{"429 without a time", plain, 429, nil, "", failed(scout.StepAnswer, "429", "hear less")},
		{"500", plain, 500, nil, "", failed(scout.StepAnswer, "500 Internal Server Error", "receiver's log")},
		{"503", plain, 503, nil, "", failed(scout.StepAnswer, "503", "receiver's log")},
		{"418", plain, 418, nil, "", failed(scout.StepAnswer, "418", "from 200 to 299")},
		{"an unknown status", plain, 799, nil, "", failed(scout.StepAnswer, "answered 799.", "from 200 to 299")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var messages atomic.Int32
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				messages.Add(1)
				for name, values := range test.header {
					w.Header()[name] = values
				}
				w.WriteHeader(test.status)
				io.WriteString(w, test.body)
			})
			test.request.URL = server.URL + "/in"
			found := diagnose(t, newTestClient(t, Options{}), test.request, TrustPrivate)
			test.want.shows(t, found)
			if n := messages.Load(); n != 1 {
				t.Errorf("the receiver got %d messages", n)
			}
			if took := found[scout.StepTime]; took.Outcome != scout.FindingPassed {
				t.Errorf("the time of a whole answer is %s: %s", took.Outcome, took.Says)
			}
		})
	}
}

func TestDiagnoseCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	valid := x509.Certificate{
		Subject:     pkix.Name{CommonName: "leaf"},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.Add(90 * 24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	ca := valid
	ca.Subject, ca.IsCA, ca.KeyUsage = pkix.Name{CommonName: "Known CA"}, true, x509.KeyUsageCertSign
	_, known := (*authority)(nil).issue(t, ca)
	ca.Subject = pkix.Name{CommonName: "Stranger CA"}
	_, stranger := (*authority)(nil).issue(t, ca)
	expired, future, other, ending, lasting := valid, valid, valid, valid, valid
	expired.NotBefore, expired.NotAfter = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	future.NotBefore = now.Add(30 * time.Minute)
	other.IPAddresses, other.DNSNames = nil, []string{"other.example.com"}
	ending.NotAfter = now.Add(soon - time.Hour)
	lasting.NotAfter = now.Add(soon + time.Hour)
	tests := []struct {
		name   string
		leaf   x509.Certificate
		issuer *authority
		want   symptom
	}{
		{"expired", expired, known, failed(scout.StepTLS, "expired on "+scout.Stamp(expired.NotAfter), "must be renewed")},
		{"not yet valid", future, known, failed(scout.StepTLS, "is not valid before", "Check this machine's clock")},
		{"wrong name", other, known, failed(scout.StepTLS, "is for other.example.com", "Use a name that it covers")},
		{"unknown authority", valid, stranger, failed(scout.StepTLS, "CN=Stranger CA", "the whole chain is sent, or name a file with that authority in egress.ca_files")},
		{"self-signed", valid, nil, failed(scout.StepTLS, "is self-signed", "egress.ca_files")},
		{"ends within 14 days", ending, known, warned(scout.StepTLS, "valid for 13 more days", "renewed before it expires on "+scout.Stamp(ending.NotAfter))},
		{"ends in 14 days", lasting, known, symptom{scout.StepTLS, scout.FindingPassed, "valid for 14 more days", ""}},
	}
	roots := x509.NewCertPool()
	roots.AddCert(known.cert)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			leaf, _ := test.issuer.issue(t, test.leaf)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			found := diagnose(t, newTestClient(t, Options{RootCAs: roots}), scout.Request{URL: server.URL}, TrustPrivate)
			test.want.shows(t, found)
			facts := map[string]string{}
			for _, fact := range found[scout.StepTLS].Facts {
				facts[fact[0]] = fact[1]
			}
			if facts["not after"] != scout.Stamp(test.leaf.NotAfter) || facts["issuer"] == "" || facts["names"] == "" {
				t.Errorf("the certificate's facts are %v", facts)
			}
		})
	}
}

func TestDiagnoseConnections(t *testing.T) {
	t.Parallel()
	tlsServer := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	answer := func(raw string) string {
		return listen(t, func(_ int, conn net.Conn) {
			r := bufio.NewReader(conn)
			if first, err := r.Peek(1); err == nil && first[0] == 'P' {
				readRequest(r)
			}
			io.WriteString(conn, raw)
		})
	}
	// strictTLS answers what is not TLS as some servers do: with an alert.
	strictTLS := listen(t, func(_ int, conn net.Conn) {
		server := tls.Server(conn, &tls.Config{Certificates: tlsServer.TLS.Certificates})
		_ = server.Handshake()
		io.Copy(io.Discard, server)
	})
	deaf, err := net.Dial("tcp", listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deaf.Close() })
	tests := []struct {
		name, url string
		want      symptom
	}{
		{"no URL", "", failed(scout.StepURL, "URL is empty", "https://hooks.example.com/path")},
		{"not a URL", "https://exa mple.com/", failed(scout.StepURL, "cannot be read", "spaces")},
		{"another scheme", "ftp://example.com/", failed(scout.StepURL, "must begin with https:// or http://", "Correct the URL")},
		{"a spelling of an address", "http://127.1/", failed(scout.StepPolicy, "a spelling that is not accepted", "four decimal numbers")},
		{"refused", "http://" + deaf.LocalAddr().String(), failed(scout.StepTCP, "refused the connection on port", "that the service runs")},
		{"HTTP to a TLS port", "http://" + tlsServer.Listener.Addr().String(), failed(scout.StepAnswer, "speaks TLS on port", "Write https://")},
		{"HTTP to a strict TLS port", "http://" + strictTLS, failed(scout.StepAnswer, "speaks TLS on port", "Write https://")},
		{"TLS to an HTTP port", "https://" + answer("HTTP/1.1 400 Bad Request\r\n\r\n"), failed(scout.StepTLS, "does not speak TLS", "write http://")},
		{"TLS to another protocol", "https://" + answer("220 mail.example.com ESMTP\r\n"), failed(scout.StepTLS, "does not speak TLS", "Check the port")},
		{"TLS refused", "https://" + answer("\x15\x03\x03\x00\x02\x02\x28"), failed(scout.StepTLS, "handshake failure", "TLS 1.2")},
		{"closed in the handshake", "https://" + answer(""), failed(scout.StepTLS, "closed the connection", "Check the port")},
		{"closed without an answer", "http://" + answer(""), failed(scout.StepAnswer, "before its answer was complete", "Check the port")},
		{"not HTTP", "http://" + answer("hello there\r\n\r\n"), failed(scout.StepAnswer, "valid HTTP", "write https://")},
		{"half an answer", "http://" + answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), failed(scout.StepAnswer, "before its answer was complete", "log")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := diagnose(t, newTestClient(t, Options{}), scout.Request{URL: test.url, Body: []byte("{}")}, TrustPrivate)
			test.want.shows(t, found)
		})
	}
}

func TestDiagnoseNames(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	lame := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no such server")
	}}
	tests := []struct {
		name     string
		resolver *net.Resolver
		allow    []string
		trust    Trust
		want     symptom
	}{
		{"allowed", resolverOf([][]string{{"127.0.0.1"}}), nil, TrustPrivate, symptom{scout.StepDNS, scout.FindingPassed, "hooks.example.com has 1 address.", ""}},
		{"refused", resolverOf([][]string{{"127.0.0.1"}}), nil, PublicOnly, failed(scout.StepPolicy, "hooks.example.com resolves to 127.0.0.1, a loopback address", "egress.allow: [hooks.example.com] or [127.0.0.1/32], or declare the webhook in the configuration file")},
		{"link-local", resolverOf([][]string{{"169.254.169.254"}}), nil, TrustPrivate, failed(scout.StepPolicy, "a link-local address", "egress.allow: [169.254.169.254/32].")},
		{"refused in part", resolverOf([][]string{{"127.0.0.2", "127.0.0.1"}}), []string{"127.0.0.1"}, PublicOnly, warned(scout.StepPolicy, "127.0.0.2, a loopback address, which webhooks may not reach, so that it is passed over", "egress.allow")},
		{"refused and silent", resolverOf([][]string{{"127.0.0.9", "10.9.8.7"}}), []string{"127.0.0.9"}, PublicOnly, failed(scout.StepTCP, "10.9.8.7", "egress.allow")},
		{"unknown", resolverOf(nil), nil, TrustPrivate, failed(scout.StepDNS, "hooks.example.com does not exist", "Check its spelling in the URL")},
		{"resolver failed", lame, nil, TrustPrivate, failed(scout.StepDNS, "could not be looked up", "this machine's DNS servers")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := diagnose(t, clientResolving(t, test.resolver, test.allow), scout.Request{URL: "http://hooks.example.com:" + port}, test.trust)
			if test.name == "refused and silent" { // both are told
				delete(found, scout.StepPolicy)
			}
			test.want.shows(t, found)
		})
	}
}

// clientResolving makes a client with a policy and a resolver.
func clientResolving(t *testing.T, resolver *net.Resolver, allow []string) *Client {
	t.Helper()
	policy, err := ParseAllow(allow)
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{timeout: 10 * time.Second, policy: policy}
	c.connect(nil, dialer{resolver: resolver})
	t.Cleanup(c.Close)
	return c
}

func TestDiagnoseOnTheClock(t *testing.T) {
	t.Parallel()
	hang := func(conn net.Conn) { io.Copy(io.Discard, conn) }
	after := func(wait time.Duration, text string, more func(net.Conn)) dialFunc {
		return inMemory(func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			time.Sleep(wait)
			io.WriteString(conn, text)
			more(conn)
		})
	}
	failing := func(err error) dialFunc {
		return func(ctx context.Context, _, address string) (net.Conn, error) {
			if err == nil {
				<-ctx.Done()
				err = ctx.Err()
			}
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
	}
	tests := []struct {
		name, url string
		dial      dialFunc
		want      symptom
	}{
		{"no route", "https://192.88.98.1/", failing(syscall.EHOSTUNREACH), failed(scout.StepTCP, "There is no route to 192.88.98.1", "network and firewalls")},
		{"no connection", "https://192.88.98.1/", failing(nil), failed(scout.StepTCP, "No connection to 192.88.98.1 on port 443 within 10 s", "the port and firewalls")},
		{"slow header", "http://192.88.98.1/", after(0, "HTTP/1.1 200 OK\r\n", hang), failed(scout.StepAnswer, "No answer from 192.88.98.1 within 10 s", "Let it answer at once")},
		{"slow body", "http://192.88.98.1/", after(0, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", hang), failed(scout.StepTime, "did not end within 10 s", "Let it answer at once")},
		{"request that is not read", "http://192.88.98.1/", inMemory(func(_ int, conn net.Conn) { time.Sleep(time.Minute) }), failed(scout.StepRequest, "No answer from 192.88.98.1 within 10 s", "Let it answer at once")},
		{"near the limit", "http://192.88.98.1/", after(6*time.Second, okAnswer, hang), warned(scout.StepTime, "took 6 s in all; the limit is 10 s", "answer at once")},
		{"well below it", "http://192.88.98.1/", after(5*time.Second, okAnswer, hang), symptom{scout.StepTime, scout.FindingPassed, "took 5 s", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newTestClient(t, Options{Dial: test.dial})
				found := diagnose(t, c, scout.Request{URL: test.url, Body: make([]byte, 1<<20)}, PublicOnly)
				test.want.shows(t, found)
				time.Sleep(time.Minute) // the other end wakes, and finds the connection closed
			})
		})
	}
}

func TestDiagnoseSlowHandshake(t *testing.T) {
	t.Parallel()
	address := listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) })
	c := newTestClient(t, Options{Timeout: 2 * time.Second})
	found := diagnose(t, c, scout.Request{URL: "https://" + address}, TrustPrivate)
	failed(scout.StepTLS, "completed no TLS handshake within 2 s", "write http:// if it has no TLS").shows(t, found)
}

func TestDiagnoseSlowLookup(t *testing.T) {
	t.Parallel()
	c := clientResolving(t, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}, nil)
	c.timeout = 2 * time.Second
	found := diagnose(t, c, scout.Request{URL: "http://hooks.example.com/"}, TrustPrivate)
	failed(scout.StepDNS, "hooks.example.com was not resolved within 2 s", "this machine's DNS servers").shows(t, found)
}

func TestDiagnoseAnErrorWithoutAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, Options{Dial: inMemory(func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nx")
			io.Copy(io.Discard, conn)
		})})
		found := diagnose(t, c, scout.Request{URL: "http://192.88.98.1/"}, PublicOnly)
		for _, step := range []scout.DoctorStep{scout.StepAnswer, scout.StepTime} {
			if found[step].Outcome != scout.FindingFailed {
				t.Errorf("%s is %s: %s", step, found[step].Outcome, found[step].Says)
			}
		}
	})
}

func TestDiagnoseCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	address := listen(t, func(_ int, conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		cancel()
		io.Copy(io.Discard, conn)
	})
	var last scout.Finding
	_, err := newTestClient(t, Options{}).Diagnose(ctx, scout.Request{URL: "http://" + address}, TrustPrivate, func(f scout.Finding) { last = f })
	if !errors.Is(err, context.Canceled) || last.Step != scout.StepTime {
		t.Errorf("it ended with %v, after the step %s", err, last.Step)
	}
}

// An IPv6 address at which nothing answers costs every new connection time,
// though IPv4 gets the message through.
func TestDiagnoseBrokenIPv6(t *testing.T) {
	t.Parallel()
	if l, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skipf("no IPv6 here: %v", err)
	} else {
		l.Close()
	}
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c := clientResolving(t, resolverOf([][]string{{"127.0.0.1", "::1"}}), nil)
	found := diagnose(t, c, scout.Request{URL: "http://hooks.example.com:" + port}, TrustPrivate)
	warned(scout.StepTCP, "but not at [::1]:"+port, "Repair IPv6 here or there").shows(t, found)
	if dns := found[scout.StepDNS]; !strings.Contains(dns.Says, "2 addresses") || len(dns.Facts) != 2 {
		t.Errorf("the lookup says %q, %v", dns.Says, dns.Facts)
	}
}

func TestDiagnoseSilentAddress(t *testing.T) {
	t.Parallel()
	needsLoopbackRange(t)
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c := clientResolving(t, resolverOf([][]string{{"127.0.0.9", "127.0.0.1"}}), nil)
	found := diagnose(t, c, scout.Request{URL: "http://hooks.example.com:" + port}, TrustPrivate)
	warned(scout.StepTCP, "but not at 127.0.0.9:"+port, "Remove from DNS the addresses").shows(t, found)
}

func TestDiagnoseFromTheSource(t *testing.T) {
	t.Parallel()
	needsLoopbackRange(t)
	server := tellsOrigin(t)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c := clientWithDNS(t, nil, []string{"127.0.0.2"}, [][]string{{"127.0.0.1"}})
	resp, err := c.Diagnose(t.Context(), scout.Request{URL: "http://hooks.example.com:" + port}, TrustPrivate, func(scout.Finding) {})
	if err != nil || string(resp.Body) != "127.0.0.2" {
		t.Errorf("the request came from %q, %v", resp.Body, err)
	}
	found := diagnose(t, newTestClient(t, Options{Source: []string{"192.0.2.7"}}), scout.Request{URL: server.URL}, TrustPrivate)
	failed(scout.StepTCP, "egress.source names 192.0.2.7", "Correct the setting").shows(t, found)
}

func TestDiagnoseThroughAProxy(t *testing.T) {
	t.Parallel()
	address, roots := receiver(t)
	at := func(status int, to string) string {
		p := newTestProxy(to)
		p.status = status
		return serve(t, p.ServeHTTP).Listener.Addr().String()
	}
	plainReceiver := serve(t, func(http.ResponseWriter, *http.Request) {}).Listener.Addr().String()
	deaf, err := net.Dial("tcp", listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deaf.Close() })
	healthy := func(step scout.DoctorStep, says string) symptom { return symptom{step, scout.FindingPassed, says, ""} }
	tests := []struct {
		name, proxy, url string
		want             symptom
	}{
		{"tunnel", at(0, address), "https://hooks.example.com/", healthy(scout.StepTCP, "which connected to hooks.example.com:443")},
		{"what the policy cannot see", at(0, address), "https://hooks.example.com/", healthy(scout.StepPolicy, "cannot be seen from here")},
		{"forwarded", at(0, plainReceiver), "http://hooks.example.com/", healthy(scout.StepTCP, "whether it reaches hooks.example.com:80 shows in the answer")},
		{"refused address", at(0, address), "https://127.0.0.1/", failed(scout.StepPolicy, "a loopback address", "egress.allow")},
		{"no proxy", deaf.LocalAddr().String(), "https://hooks.example.com/", failed(scout.StepTCP, "refused the connection", "Check egress.proxy")},
		{"proxy says no", at(403, address), "https://hooks.example.com/", failed(scout.StepTCP, "would not connect to hooks.example.com:443", "what it allows")},
		{"proxy cannot", at(502, address), "https://hooks.example.com/", failed(scout.StepTCP, "could not connect to hooks.example.com:443", "network behind the proxy")},
		{"another certificate", at(0, address), "https://other.example.com/", failed(scout.StepTLS, "is for hooks.example.com (through the proxy", "Use a name that it covers")},
		{"no such proxy", "no-such-name.invalid:3128", "https://hooks.example.com/", failed(scout.StepDNS, "The host name of the proxy", "egress.proxy")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestClient(t, Options{Proxy: throughProxy("http", test.proxy), RootCAs: roots})
			found := diagnose(t, c, scout.Request{URL: test.url}, PublicOnly)
			test.want.shows(t, found)
			for _, f := range found {
				if strings.Contains(f.Says+f.Remedy, password) {
					t.Errorf("the proxy's password is in %+v", f)
				}
			}
		})
	}
}

func TestDiagnoseHidesSecrets(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 401, 415, 429} {
		diagnoseEcho(t, status)
	}
}

func TestDiagnoseHidesSecretsInWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	const key = "hunter2hunter2"
	address := listen(t, func(_ int, conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		io.WriteString(conn, "token "+key+" is wrong\r\n\r\n")
	})
	found := diagnose(t, newTestClient(t, Options{}), scout.Request{URL: "http://" + address, Secrets: []string{key}}, TrustPrivate)
	if says := found[scout.StepAnswer].Says; strings.Contains(says, key) || !strings.Contains(says, scout.Masked) {
		t.Errorf("it says %q", says)
	}
}

// diagnoseEcho diagnoses a receiver that says the secrets it got.
func diagnoseEcho(t *testing.T, status int) {
	t.Helper()
	const key = "hunter2hunter2"
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/"+key+"?token=q1w2e3r4")
		w.Header().Set("Www-Authenticate", key)
		w.Header().Set("Retry-After", key)
		w.WriteHeader(status)
		io.WriteString(w, "you sent "+r.Header.Get("Authorization"))
	})
	r := scout.Request{
		URL:    strings.Replace(server.URL, "http://", "http://ada:pass-word@", 1) + "/" + key,
		Header: http.Header{"Authorization": {key}, "Content-Type": {key}}, Secrets: []string{key},
	}
	for _, f := range diagnose(t, newTestClient(t, Options{}), r, TrustPrivate) {
		text := f.Says + f.Remedy
		for _, fact := range f.Facts {
			text += fact[1]
		}
		for _, secret := range []string{key, "pass-word", "q1w2e3r4"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %q: %s", f.Step, secret, text)
			}
		}
	}
}
