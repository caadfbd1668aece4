package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// Diagnose posts r as Do does, by the same policy, source, proxy, authorities
// and deadline, but on a new connection, so that every step is taken. It
// reports what is found at each of scout.DoctorSteps, in that order and as soon
// as it is known, but for the last step, which is the caller's to judge. The
// receiver gets one message.
//
// Report is called by one goroutine at a time and not after the return; while
// it runs the request waits. What it gets holds none of the secrets that Do
// hides. The results are those of Do.
func (c *Client) Diagnose(ctx context.Context, r scout.Request, trust Trust, report func(scout.Finding)) (scout.Response, error) {
	now := time.Now()
	d := &diagnosis{client: c, request: r, trust: trust, report: report, began: now, mark: now}
	u, err := parseURL(r.URL)
	if err != nil {
		e := badURL(err)
		d.masker = c.maskerFor(r, nil)
		d.end(scout.Response{}, e)
		return scout.Response{}, e
	}
	d.flight, d.masker = c.flightTo(u), c.maskerFor(r, u)
	pool := c.pool(trust).Clone()
	pool.DisableKeepAlives = true
	defer pool.CloseIdleConnections()
	d.tell(d.usual(scout.StepURL))
	resp, err := c.fly(d.traced(ctx), d.flight, pool, r, trust)
	var e *Error
	errors.As(err, &e)
	d.wrongScheme = d.mayBeTLS(resp, e) && d.speaksTLS(ctx, pool)
	d.end(resp, e)
	return resp, err
}

// diagnosis turns what happens to one request into findings.
type diagnosis struct {
	client      *Client
	flight      *flight // nil where the URL is no good
	request     scout.Request
	trust       Trust
	masker      masker
	report      func(scout.Finding)
	began       time.Time
	wrongScheme bool // the URL says http:// and the port speaks TLS

	mu       sync.Mutex       // the transport calls from goroutines of its own
	told     int              // how many of the steps were reported
	failed   scout.DoctorStep // the first step that failed; "" for none
	mark     time.Time        // when the step that is under way began
	looked   string           // the name that was looked up
	connects []connect
	answered time.Time // when the first byte of the answer came
}

// connect is one attempt to connect to one address.
type connect struct {
	address string
	over    bool
	err     error
}

// place is a step's place in the order.
func place(s scout.DoctorStep) int { return slices.Index(scout.DoctorSteps(), s) }

// traced returns a context under which the transport tells the diagnosis how
// far the request is.
func (d *diagnosis) traced(ctx context.Context) context.Context {
	locked := func(do func()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		do()
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     func(i httptrace.DNSStartInfo) { locked(func() { d.looked = i.Host }) },
		DNSDone:      func(i httptrace.DNSDoneInfo) { locked(func() { d.resolved(i) }) },
		ConnectStart: func(_, address string) { locked(func() { d.connects = append(d.connects, connect{address: address}) }) },
		ConnectDone:  func(_, address string, err error) { locked(func() { d.connectDone(address, err) }) },
		TLSHandshakeStart: func() {
			locked(d.connected)
		},
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			if err == nil {
				locked(func() { d.secured(s) })
			}
		},
		GotConn:              func(httptrace.GotConnInfo) { locked(d.connected) },
		WroteRequest:         func(i httptrace.WroteRequestInfo) { locked(func() { d.wrote(i.Err) }) },
		GotFirstResponseByte: func() { locked(func() { d.answered = time.Now() }) },
	})
}

// tell reports a finding, after those of the steps before it that nothing was
// said of. A step is reported once.
func (d *diagnosis) tell(f scout.Finding) {
	steps := scout.DoctorSteps()
	at := slices.Index(steps, f.Step)
	if at < d.told {
		return
	}
	for d.told < at {
		d.emit(d.usual(steps[d.told]))
	}
	d.emit(f)
}

// emit reports the next step.
func (d *diagnosis) emit(f scout.Finding) {
	d.told++
	if f.Outcome == scout.FindingFailed && d.failed == "" {
		d.failed = f.Step
	}
	// A remedy is of our own words, and a secret such as "hook" may be among them:
	// what it takes from elsewhere is masked where it is taken.
	f.Says, f.Remedy = d.masker.mask(d.sentence(f.Says)), d.sentence(f.Remedy)
	for i := range f.Facts {
		f.Facts[i][1] = d.masker.maskValue(f.Facts[i][1])
	}
	d.report(f)
}

// sentence writes a message as a whole sentence. Hosts, addresses and settings
// keep their spelling.
func (d *diagnosis) sentence(text string) string {
	if text == "" {
		return ""
	}
	word, _, _ := strings.Cut(text, " ")
	if !strings.ContainsAny(word, ".:") && (d.flight == nil || word != d.flight.host()) {
		first, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// lap is how long the step under way took; the next one begins.
func (d *diagnosis) lap() time.Duration {
	before := d.mark
	d.mark = time.Now()
	return d.mark.Sub(before)
}

// connectDone notes how an attempt to connect ended.
func (d *diagnosis) connectDone(address string, err error) {
	for i := range d.connects {
		if c := &d.connects[i]; c.address == address && !c.over {
			c.over, c.err = true, err
			return
		}
	}
}

// wrote reports that the request is on its way.
func (d *diagnosis) wrote(err error) {
	if err != nil || d.told > place(scout.StepRequest) {
		return
	}
	f := d.usual(scout.StepRequest)
	f.Took = d.lap()
	d.tell(f)
}

// end reports what is left of the steps once the request has ended.
func (d *diagnosis) end(resp scout.Response, e *Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if resp.Status != 0 && (e == nil || e.Fault == scout.FaultTimeout) {
		d.tell(d.answer(resp))
	}
	if e == nil {
		d.tell(d.time())
		return
	}
	if d.failed == "" || d.broken(e) == scout.StepTime {
		d.fail(e)
	}
	for steps := scout.DoctorSteps(); d.told < place(scout.StepAccepted); {
		d.emit(scout.SkippedAfter(steps[d.told], d.failed))
	}
}

// fail reports the step that an error ended.
func (d *diagnosis) fail(e *Error) {
	f := scout.Finding{
		Step: d.broken(e), Outcome: scout.FindingFailed, Says: e.advice.found, Remedy: e.advice.remedy, Facts: factsOf(e),
	}
	if place(f.Step) > place(scout.StepPolicy) { // before it nothing is waited for
		f.Took = d.lap()
	}
	if e.advice.remark != "" {
		f.Says += " (" + e.advice.remark + ")"
	}
	if f.Step == scout.StepTime {
		f.Took = time.Since(d.began)
	}
	if d.wrongScheme {
		d.adviseTLS(&f)
	}
	switch {
	case f.Remedy != "":
	case f.Step == scout.StepURL:
		f.Remedy = "correct the URL"
	default:
		f.Remedy = "check the URL, and look into the receiver's log"
	}
	d.tell(f)
}

// broken is the step at which an error ended the request.
func (d *diagnosis) broken(e *Error) scout.DoctorStep {
	step := d.reached(e)
	if at := place(step); at < d.told && d.failed == "" {
		return scout.DoctorSteps()[d.told] // such as a dial to refused and to silent addresses
	}
	return step
}

func (d *diagnosis) reached(e *Error) scout.DoctorStep {
	f := d.flight
	switch {
	case f == nil:
		return scout.StepURL
	case e.Fault == scout.FaultAddressRefused:
		return scout.StepPolicy
	case f.status != 0 && e.Fault == scout.FaultTimeout:
		return scout.StepTime
	case f.status != 0:
		return scout.StepAnswer
	case f.ready && e.Fault == scout.FaultTimeout && d.told <= place(scout.StepRequest):
		return scout.StepRequest
	case f.ready:
		return scout.StepAnswer
	case f.handshaking():
		return scout.StepTLS
	case f.lookingUp() || errors.As(e.Err, new(*net.DNSError)):
		return scout.StepDNS
	default:
		return scout.StepTCP
	}
}

// mayBeTLS reports whether a plain request failed in a way in which a port that
// speaks TLS lets it fail.
func (d *diagnosis) mayBeTLS(resp scout.Response, e *Error) bool {
	if d.flight.url.Scheme != "http" || d.client.proxy != nil {
		return false
	}
	if e == nil {
		return resp.Status == http.StatusBadRequest
	}
	return d.flight.ready && (e.Fault == scout.FaultProtocol || e.Fault == scout.FaultReset)
}

// speaksTLS tries a handshake in what is left of the deadline. Nothing is sent
// after it. A certificate that is no good proves TLS as well as a good one.
func (d *diagnosis) speaksTLS(ctx context.Context, pool *http.Transport) bool {
	ctx, cancel := context.WithDeadline(ctx, d.began.Add(d.client.timeout))
	defer cancel()
	host := d.flight.url.Hostname()
	conn, err := pool.DialContext(ctx, "tcp", net.JoinHostPort(host, portOf(d.flight.url)))
	if err != nil {
		return false
	}
	defer conn.Close()
	config := pool.TLSClientConfig.Clone()
	config.ServerName = host
	err = tls.Client(conn, config).HandshakeContext(ctx)
	return err == nil || isCertificateFault(scout.FaultOf(err))
}

// adviseTLS words a finding about a plain request to a port that speaks TLS.
func (d *diagnosis) adviseTLS(f *scout.Finding) {
	f.Says = d.flight.host() + " speaks TLS on port " + portOf(d.flight.url) + ", but the URL says http://"
	f.Remedy = "write https:// in the URL, or use the port that speaks plain HTTP"
}

// plainAddresses are the addresses of a lookup, as the policy judges them.
func plainAddresses(list []net.IPAddr) []netip.Addr {
	var addresses []netip.Addr
	for _, a := range list {
		if addr, ok := netip.AddrFromSlice(a.IP); ok {
			addresses = append(addresses, plain(addr))
		}
	}
	return addresses
}
