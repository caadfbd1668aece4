package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// longest is how long an incident lasts at most.
const longest = 2 * time.Hour

// incident is one that has ended.
type incident struct {
	id            string
	target        scout.Target
	level         scout.Level
	began, opened time.Time
	ended, closed time.Time
	events        int
	luck          uint64 // decides what varies from incident to incident
}

// telling is one event of an incident and who hears it.
type telling struct {
	incident *incident
	seq      int
	at       time.Time
	hears    []scout.Webhook
}

// tellings makes the events of the whole history, in their order. The same
// plan gives the same incidents but for their ids.
func (p plan) tellings() []telling {
	random := rand.New(rand.NewPCG(1, 2))
	var all []telling
	for i, target := range p.checks {
		server := i / checksPerServer
		hears := []scout.Webhook{p.teams[server%len(p.teams)]}
		if server%4 == 0 {
			hears = append(hears, p.onCall)
		}
		for _, in := range p.incidents(target, random) {
			all = append(all, telling{in, 1, in.opened, hears}, telling{in, 2, in.closed, hears})
		}
	}
	slices.SortStableFunc(all, func(a, b telling) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.seq, b.seq)) })
	return all
}

// incidents makes those of one check, one after the other.
func (p plan) incidents(target scout.Target, random *rand.Rand) []*incident {
	days := int(p.to.Sub(p.from).Hours() / 24)
	n := (p.perYear + random.IntN(p.perYear+1)) * days / 365
	if n == 0 {
		return nil
	}
	slot := p.to.Sub(p.from) / time.Duration(n)
	list := make([]*incident, n)
	for i := range list {
		began := p.from.Add(slot*time.Duration(i) + time.Minute + time.Duration(random.Int64N(int64(slot*3/4)))).Truncate(time.Millisecond)
		lasted := time.Minute + time.Duration(random.Int64N(int64(min(slot/8, longest))))
		in := &incident{
			target: target, level: scout.Down, events: 2, luck: random.Uint64(),
			began: began, opened: began.Add(30 * time.Second), ended: began.Add(lasted), closed: began.Add(lasted + 15*time.Second),
		}
		if in.luck%5 == 0 {
			in.level = scout.Warning
		}
		in.id = scout.NewIncidentID(in.opened)
		list[i] = in
	}
	return list
}

// levelFrom is when the level of the event began.
func (t telling) levelFrom() time.Time {
	if t.seq == 1 {
		return t.incident.began
	}
	return t.incident.ended
}

func (t telling) event() scout.Event {
	in := t.incident
	e := scout.Event{
		IncidentID: in.id, Seq: t.seq, Kind: scout.Opened, Level: in.level, At: t.at, CheckID: in.target.Check.ID,
		Server: in.target.Server.Name, Service: in.target.Check.Name, ServerIP: in.target.Server.IP, Tags: in.target.Server.Tags,
		Message: in.target.Check.Name + " service is not responding on port 80: connection refused",
		Began:   in.began, Duration: t.at.Sub(in.began),
	}
	results := in.target.Check.FailAfter
	if t.seq > 1 {
		e.Kind, e.Level, e.Ended, e.Duration = scout.Recovered, scout.Up, in.ended, in.ended.Sub(in.began)
		e.Message = in.target.Check.Name + " service answered with 200 OK"
		results = in.target.Check.RecoverAfter
	}
	for i := range results {
		e.Evidence = append(e.Evidence, scout.Result{
			CheckID: e.CheckID, At: t.levelFrom().Add(time.Duration(i) * 15 * time.Second), Level: e.Level,
			Latency: 12345 * time.Microsecond, Message: e.Message, IP: e.ServerIP,
		})
	}
	for _, w := range t.hears {
		e.Decisions = append(e.Decisions, scout.Decision{WebhookID: w.ID, Webhook: w.Name, Reason: scout.Owed})
	}
	return e
}

// attempts makes those of one delivery: nearly always one; some endpoints were
// down for a while, and a few never came back.
func (t telling) attempts(e scout.Event, w scout.Webhook) []scout.Attempt {
	n, fails := 1, false
	switch luck := (t.incident.luck >> 8) % 1000; {
	case luck < 5:
		n, fails = 8, true
	case luck < 30:
		n = 4
	}
	body := bodyOf(e, w)
	list := make([]scout.Attempt, n)
	for i := range list {
		at := e.At.Add(time.Duration(i*i) * 10 * time.Second)
		a := scout.Attempt{
			WebhookID: w.ID, Number: i + 1, StartedAt: at, Duration: 80 * time.Millisecond, Status: 200, Address: "203.0.113.9:443",
			Verdict:  scout.Verdict{Outcome: scout.OutcomeDelivered},
			Request:  request(w, at, body),
			Response: scout.Exchange{Line: "HTTP/2.0 200 OK", Header: responseHeader(at), Body: "ok"},
		}
		if i < n-1 || fails {
			a.Status = 503
			a.Verdict = scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultServerError, Detail: "the receiver answered 503 Service Unavailable"}
			a.Response.Line, a.Response.Body = "HTTP/2.0 503 Service Unavailable", "upstream connect error or disconnect/reset before headers"
		}
		list[i] = a
	}
	if fails {
		list[n-1].Verdict.Outcome = scout.OutcomeGaveUp
	}
	return list
}

func request(w scout.Webhook, at time.Time, body string) scout.Exchange {
	return scout.Exchange{
		Line: "POST " + w.DisplayURL,
		Header: [][2]string{
			{"Content-Type", "application/json"},
			{"User-Agent", "ServerScout/1.0.0"},
			{"Webhook-Id", scout.NewMessageID()},
			{"Webhook-Signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="},
			{"Webhook-Timestamp", fmt.Sprint(at.Unix())},
		},
		Body: body,
	}
}

func responseHeader(at time.Time) [][2]string {
	return [][2]string{
		{"Content-Type", "text/html"},
		{"Date", at.Format(time.RFC1123)},
		{"Server", "Apache"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"},
		{"Vary", "Accept-Encoding"},
		{"X-Backend", "main_normal"},
	}
}

// bodyOf is about as long as what the webhook's format sends: a message with
// blocks for Slack, else the native payload.
func bodyOf(e scout.Event, w scout.Webhook) string {
	native := fmt.Sprintf(`{"alert_id":%q,"server_name":%q,"service":%q,"status":%q,"message":%q,"timestamp":%q,"severity":%q,"server_ip":%q,"duration":"00:05:23"}`,
		e.IncidentID, e.Server, e.Service, scout.StatusOf(e.Level), e.Message, e.At.Format(time.RFC3339), scout.StatusOf(e.Level).Severity(), e.ServerIP)
	if w.Format != "slack" {
		return native
	}
	field := func(name, value string) string {
		return fmt.Sprintf(`{"type":"mrkdwn","text":"*%s*\n%s"}`, name, value)
	}
	fields := []string{field("Server", e.Server), field("Service", e.Service), field("Address", e.ServerIP), field("Since", e.Began.Format(time.RFC1123)), field("Duration", e.Duration.String())}
	return fmt.Sprintf(`{"text":"%[1]s on %[2]s is %[3]s: %[4]s","attachments":[{"color":"#d32f2f","blocks":[{"type":"header","text":{"type":"plain_text","text":"%[1]s on %[2]s is %[3]s"}},{"type":"section","text":{"type":"mrkdwn","text":"%[4]s"}},{"type":"section","fields":[%[5]s]},{"type":"context","elements":[{"type":"mrkdwn","text":"alert %[6]s"}]}]}]}`,
		e.Service, e.Server, scout.StatusOf(e.Level), e.Message, strings.Join(fields, ","), e.IncidentID)
}

// The three below write JSON as the store keeps it.

func snapshotOf(e scout.Event) string {
	return text(map[string]any{
		"server": e.Server, "service": e.Service, "server_ip": e.ServerIP, "tags": e.Tags, "message": e.Message,
		"began": us(e.Began), "ended": max(us(e.Ended), 0), "duration_us": e.Duration.Microseconds(), "evidence": e.Evidence,
	})
}

func exchangeOf(a scout.Attempt) string {
	return text(map[string]any{"request": a.Request, "response": a.Response})
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values alone are passed
	}
	return string(b)
}
