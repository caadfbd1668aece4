package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// The kill test runs the real program in a process of its own, kills it with
// SIGKILL at random moments, and compares what the receivers got with what
// they were owed. The checker knows only when the services were well or broken,
// when the process was up, and what was received.

const (
	killRound   = time.Second // the interval of every check
	killRounds  = 3           // a state that lasted so many while the process was up is owed
	killSlack   = 700 * time.Millisecond
	killAtLeast = killRounds*killRound + killSlack
)

// services are HTTP services that the test breaks and mends.
type services struct {
	mu     sync.Mutex
	broken []bool
	spans  []span // every state of every service, the last one still lasting
	since  []time.Time
}

// span is a state that a service was in for a while.
type span struct {
	service  int
	broken   bool
	from, to time.Time
}

func newServices(n int) *services {
	s := &services{broken: make([]bool, n), since: make([]time.Time, n)}
	for i := range s.since {
		s.since[i] = time.Now()
	}
	return s
}

func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var i int
	if _, err := fmt.Sscanf(r.URL.Path, "/service/%d", &i); err != nil {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	broken := s.broken[i]
	s.mu.Unlock()
	if broken {
		http.Error(w, "broken", http.StatusInternalServerError)
	}
}

func (s *services) set(i int, broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken[i] == broken {
		return
	}
	now := time.Now()
	s.spans = append(s.spans, span{i, s.broken[i], s.since[i], now})
	s.broken[i], s.since[i] = broken, now
}

// history lists the states of one service up to now.
func (s *services) history(i int) []span {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []span
	for _, p := range s.spans {
		if p.service == i {
			list = append(list, p)
		}
	}
	return append(list, span{i, s.broken[i], s.since[i], time.Now()})
}

// inbox is a receiver that accepts everything and remembers it, unless hung.
type inbox struct {
	mu      sync.Mutex
	got     []letter
	arrived chan struct{} // a value for each arrival, as far as there is room
	hung    chan struct{} // not nil: requests wait until it is closed
}

type letter struct {
	id      string
	payload scout.Payload
}

func newInbox() *inbox { return &inbox{arrived: make(chan struct{}, 1)} }

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var p scout.Payload
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	hung := b.hung
	b.got = append(b.got, letter{r.Header.Get("Webhook-Id"), p})
	b.mu.Unlock()
	select {
	case b.arrived <- struct{}{}:
	default:
	}
	if hung != nil {
		select {
		case <-hung:
		case <-r.Context().Done():
		}
	}
}

// told lists what was received about one service, repeats left out.
func (b *inbox) told(service string) []scout.Payload {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[string]bool{}
	var list []scout.Payload
	for _, l := range b.got {
		if l.payload.Service == service && !seen[l.id] {
			seen[l.id] = true
			list = append(list, l.payload)
		}
	}
	return list
}

// wait returns once done holds, which it looks at after each arrival.
func (b *inbox) wait(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	late := time.After(limit)
	for !done() {
		select {
		case <-b.arrived:
		case <-time.After(100 * time.Millisecond):
		case <-late:
			t.Fatalf("%s has not happened within %s", what, limit)
		}
	}
}

// process is the program, in a process of its own.
type process struct {
	t      *testing.T
	config string
	url    string
	bearer string
	cmd    *exec.Cmd
	up     []span // when it was up; broken is unused
}

func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), runAsScout+"=1", "SCOUT_ARGS=serve --config "+p.config)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	log, err := os.OpenFile(p.config+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		text, _ := os.ReadFile(p.config + ".log")
		p.t.Fatalf("the program did not start:\n%s", text)
	}
	p.url = lines.Text()[strings.LastIndex(lines.Text(), " ")+1:]
	go io.Copy(io.Discard, out)
	p.up = append(p.up, span{from: time.Now()})
}

func (p *process) kill() {
	p.t.Helper()
	p.up[len(p.up)-1].to = time.Now()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // it was killed
}

// owed lists the states of a service that lasted long enough while the process
// was up, equal ones in a row as one.
func owed(states, up []span) []bool {
	var list []bool
	for _, s := range states {
		for _, u := range up {
			from, to := later(s.from, u.from), s.to
			if u.to.Before(to) {
				to = u.to
			}
			if to.Sub(from) >= killAtLeast && (len(list) == 0 || list[len(list)-1] != s.broken) {
				list = append(list, s.broken)
			}
		}
	}
	return list
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// judge compares what a receiver was told of a service with what it was owed.
func judge(owed []bool, told []scout.Payload) error {
	open := ""
	for i, p := range told {
		switch {
		case p.Status == "down" && open == "":
			open = p.AlertID
		case p.Status == "recovered" && open == p.AlertID:
			open = ""
		default:
			return fmt.Errorf("message %d, %s of %s, does not follow from those before", i+1, p.Status, p.AlertID)
		}
	}
	states := []bool{false}
	for _, p := range told {
		states = append(states, p.Status == "down")
	}
	for _, broken := range owed {
		for len(states) > 0 && states[0] != broken {
			states = states[1:]
		}
		if len(states) == 0 {
			return fmt.Errorf("a state was owed and not told: owed (broken?) %v", owed)
		}
	}
	return nil
}

func TestJudgeFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	down, up := scout.Payload{AlertID: "1", Status: "down"}, scout.Payload{AlertID: "1", Status: "recovered"}
	tests := []struct {
		name string
		owed []bool
		told []scout.Payload
		ok   bool
	}{
		{"all told", []bool{false, true, false}, []scout.Payload{down, up}, true},
		{"more told than owed", []bool{false}, []scout.Payload{down, up}, true},
		{"down missing", []bool{false, true}, nil, false},
		{"recovery missing", []bool{true, false}, []scout.Payload{down}, false},
		{"recovery out of nothing", []bool{false}, []scout.Payload{up}, false},
		{"down twice", []bool{true}, []scout.Payload{down, down}, false},
		{"recovery of another incident", []bool{true, false}, []scout.Payload{down, {AlertID: "2", Status: "recovered"}}, false},
	}
	for _, tt := range tests {
		if err := judge(tt.owed, tt.told); (err == nil) != tt.ok {
			t.Errorf("%s: judge says %v", tt.name, err)
		}
	}
}

func (p *process) api(path string, into any) {
	p.t.Helper()
	if p.bearer == "" {
		p.bearer = p.token()
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.bearer)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s %s %v", path, resp.Status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		p.t.Fatal(err)
	}
}

// token makes an API token beside the running program, as a user would.
func (p *process) token() string {
	p.t.Helper()
	cmd := exec.Command(os.Args[0])
	name := fmt.Sprintf("test-%d", time.Now().UnixNano())
	cmd.Env = append(os.Environ(), runAsScout+"=1", "SCOUT_ARGS=token create --name "+name+" --role viewer --config "+p.config)
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("token create: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// setUp serves n services and two receivers, and writes the configuration.
func setUp(t *testing.T, n int) (*services, []*inbox, *process) {
	t.Helper()
	svc := newServices(n)
	target := httptest.NewServer(svc)
	t.Cleanup(target.Close)
	var b strings.Builder
	fmt.Fprintf(&b, "listen: 127.0.0.1:0\ndata: ./data\ndelivery: {retry: [50ms, 200ms, 1s]}\nservers:\n  - name: host\n    ip: 127.0.0.1\n    checks:\n")
	for i := range n {
		fmt.Fprintf(&b, "      - {name: service %d, kind: http, target: '%s/service/%d', interval: 1s, timeout: 1s, fail_after: 2, recover_after: 2, confirm_interval: 1s}\n", i, target.URL, i)
	}
	b.WriteString("webhooks:\n")
	var inboxes []*inbox
	for i := range 2 {
		box := newInbox()
		server := httptest.NewServer(box)
		t.Cleanup(server.Close)
		fmt.Fprintf(&b, "  - {name: receiver %d, url: '%s/hook'}\n", i, server.URL)
		inboxes = append(inboxes, box)
	}
	file := filepath.Join(t.TempDir(), "scout.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return svc, inboxes, &process{t: t, config: file}
}

func TestKillAtRandom(t *testing.T) {
	t.Parallel()
	const n = 40
	svc, inboxes, p := setUp(t, n)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	p.start()
	for range 14 {
		end := time.After(time.Duration(500+random.IntN(6000)) * time.Millisecond)
		for running := true; running; {
			select {
			case <-end:
				running = false
			case <-time.After(time.Duration(random.IntN(150)) * time.Millisecond):
				i := random.IntN(n)
				svc.set(i, random.IntN(2) == 0)
			}
		}
		p.kill()
		if random.IntN(3) == 0 { // some services change while nobody looks
			for i := range n {
				svc.set(i, random.IntN(2) == 0)
			}
		}
		p.start()
	}
	for i := range n {
		svc.set(i, false)
	}
	for _, box := range inboxes {
		box.wait(t, 60*time.Second, "the recovery of everything", func() bool {
			for i := range n {
				told := box.told(fmt.Sprintf("service %d", i))
				if len(told) > 0 && told[len(told)-1].Status != "recovered" {
					return false
				}
			}
			return true
		})
	}
	p.kill()
	total := 0
	for r, box := range inboxes {
		for i := range n {
			told := box.told(fmt.Sprintf("service %d", i))
			total += len(told)
			if err := judge(owed(svc.history(i), p.up), told); err != nil {
				t.Errorf("receiver %d, service %d: %v; told %v", r, i, err, told)
			}
		}
	}
	t.Logf("%d messages received over %d kills", total, 14)
	if total < n {
		t.Errorf("only %d messages were received: the test has tested little", total)
	}
}

// TestKillBeforeTheRecovery kills the program while a service is down and mends
// the service before the restart: the recovery is still told.
func TestKillBeforeTheRecovery(t *testing.T) {
	t.Parallel()
	svc, inboxes, p := setUp(t, 1)
	p.start()
	svc.set(0, true)
	inboxes[0].wait(t, 20*time.Second, "down", func() bool { return len(inboxes[0].told("service 0")) == 1 })
	p.kill()
	svc.set(0, false)
	p.start()
	inboxes[0].wait(t, 20*time.Second, "recovered", func() bool { return len(inboxes[0].told("service 0")) == 2 })
	p.kill()
	told := inboxes[0].told("service 0")
	if told[0].Status != "down" || told[1].Status != "recovered" || told[0].AlertID != told[1].AlertID {
		t.Errorf("told %v, want down and recovered of one incident", told)
	}
}

// TestKillDuringAnAttempt kills the program while a receiver has a request and
// has not answered: the attempt is on record as interrupted, and the delivery
// is sent again under the same Webhook-Id.
func TestKillDuringAnAttempt(t *testing.T) {
	t.Parallel()
	svc, inboxes, p := setUp(t, 1)
	box := inboxes[0]
	release := make(chan struct{})
	box.hung = release
	p.start()
	svc.set(0, true)
	received := func(n int) func() bool {
		return func() bool {
			box.mu.Lock()
			defer box.mu.Unlock()
			return len(box.got) >= n
		}
	}
	box.wait(t, 20*time.Second, "the first attempt", received(1))
	p.kill()
	box.mu.Lock()
	box.hung = nil
	box.mu.Unlock()
	close(release)
	p.start()
	box.wait(t, 20*time.Second, "the second attempt", received(2))
	if box.got[0].id != box.got[1].id || box.got[0].id == "" {
		t.Errorf("the repeat came under another Webhook-Id: %q, then %q", box.got[0].id, box.got[1].id)
	}
	box.wait(t, 20*time.Second, "the record of both attempts", func() bool {
		var list struct {
			Items []struct {
				ID      int64  `json:"id"`
				Webhook string `json:"webhook"`
				Status  string `json:"status"`
			} `json:"items"`
		}
		p.api("/api/v1/deliveries", &list)
		for _, d := range list.Items {
			if d.Webhook != "receiver 0" || d.Status != "delivered" {
				continue
			}
			var attempts struct {
				Items []struct {
					Outcome string `json:"outcome"`
				} `json:"items"`
			}
			p.api(fmt.Sprintf("/api/v1/deliveries/%d/attempts", d.ID), &attempts)
			return len(attempts.Items) == 2 && attempts.Items[0].Outcome == "interrupted" && attempts.Items[1].Outcome == "delivered"
		}
		return false
	})
	p.kill()
}
