package scout

import (
	"net/http"
	"time"
)

// Request is what a format renders: one HTTP POST. It is sent as it stands.
type Request struct {
	URL         string
	ContentType string
	Header      http.Header // further headers the target needs
	Body        []byte
	Secrets     []string // values inside URL, Header or Body to mask where the request is recorded
}

// Response is what came back, its body read up to 64 KiB.
type Response struct {
	Status    int
	Proto     string
	Header    http.Header
	Body      []byte
	Truncated bool   // the body was longer than the reading limit
	Address   string // the address really used, host:port
	Host      string // of the URL that was asked, without its port
}

// Outcome is the closed set of ways an attempt can end.
type Outcome string

// The outcomes. A retry without a time follows the webhook's schedule.
const (
	OutcomeDelivered   Outcome = "delivered"
	OutcomeRetry       Outcome = "retry"
	OutcomeGaveUp      Outcome = "gave_up"
	OutcomeDisabled    Outcome = "disabled"
	OutcomeInterrupted Outcome = "interrupted" // the process ended during it; what the receiver saw is unknown
)

// Verdict is what an attempt came to: the outcome the engine acts on, and a
// name and a sentence for the eye.
type Verdict struct {
	Outcome    Outcome
	Fault      Fault         // NoFault when delivered
	Detail     string        // one sentence; "" when delivered
	RetryAfter time.Duration // the receiver's own wish, at most 1 h; 0 for none
}

// Notice is one event as one webhook is told it: what a format renders.
type Notice struct {
	AlertID   string
	Server    string
	Service   string
	ServerIP  string
	Tags      []string
	Status    Status
	Kind      EventKind
	Message   string
	At        time.Time // when the change was confirmed
	Began     time.Time
	Ended     time.Time     // when the service came back, if it has by now; zero otherwise
	Duration  time.Duration // as the payload gives it
	SentAt    time.Time     // now, at this attempt
	Link      string        // to the incident's page; "" without public_url
	MessageID string        // the Webhook-Id
	Test      bool
}

// Notice is the event as a webhook that is told tells will read it. Where a
// webhook sees an easing as a recovery, the sentence says what is left. The
// delivery's own facts (link, message id, sending time) are the caller's.
func (e Event) Notice(tells Status) Notice {
	message := e.Message
	if tells == StatusRecovered && e.Level != Up {
		message = "No longer down, but with a warning: " + message
	}
	return Notice{
		AlertID:  e.IncidentID,
		Server:   e.Server,
		Service:  e.Service,
		ServerIP: e.ServerIP,
		Tags:     e.Tags,
		Status:   tells,
		Kind:     e.Kind,
		Message:  message,
		At:       e.At,
		Began:    e.Began,
		Ended:    e.Ended,
		Duration: e.Duration,
		Test:     e.Test,
	}
}

// Late is how long after the change this is sent, if that is more than two
// minutes; 0 otherwise.
func (n Notice) Late() time.Duration {
	if late := n.SentAt.Sub(n.At); late > 2*time.Minute {
		return late
	}
	return 0
}

// Payload is the native payload: exactly these nine keys, in this order, all
// strings, always present. It is frozen.
type Payload struct {
	AlertID    string `json:"alert_id"`
	ServerName string `json:"server_name"`
	Service    string `json:"service"`
	Status     string `json:"status"`
	Message    string `json:"message"`
	Timestamp  string `json:"timestamp"`
	Severity   string `json:"severity"`
	ServerIP   string `json:"server_ip"`
	Duration   string `json:"duration"`
}

// Payload returns the notice in its native form.
func (n Notice) Payload() Payload {
	return Payload{
		AlertID:    n.AlertID,
		ServerName: n.Server,
		Service:    n.Service,
		Status:     string(n.Status),
		Message:    n.Message,
		Timestamp:  Stamp(n.At),
		Severity:   n.Status.Severity(),
		ServerIP:   n.ServerIP,
		Duration:   Clock(n.Duration),
	}
}
