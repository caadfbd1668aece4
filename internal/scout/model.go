package scout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Source says where an object is kept and so where it may be changed.
type Source string

// Objects of the file are read-only elsewhere; those of the database belong
// to the API and the dashboard.
const (
	FromFile     Source = "file"
	FromDatabase Source = "database"
)

// Server is a machine or host a user cares about.
type Server struct {
	ID        int64
	Name      string   // unique; up to 500 characters of any script
	IP        string   // address or host name; may be empty
	Tags      []string // sorted, without repeats
	Source    Source
	Revision  int64 // counts its changes, from 1
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Check is one service watched on a server. Its identity is the server's
// name and its own; its name is the payload's "service".
type Check struct {
	ID              int64
	ServerID        int64
	Name            string
	Kind            string // a registered check kind: http, tcp, …
	Target          string // what is probed, in the kind's own form; may hold credentials
	Interval        time.Duration
	Timeout         time.Duration
	ConfirmInterval time.Duration // probing interval while a change is confirmed; at most Interval
	FailAfter       int           // consecutive results before a worse level is entered; at least 1
	RecoverAfter    int           // consecutive results before a better level is entered; at least 1
	Remind          time.Duration // how often an open incident is told again; 0: never
	Settings        Settings      // the kind's own keys, validated by its metadata
	ParentID        int64         // the check that brought this one along; 0 for none
	Paused          bool
	Source          Source
	Revision        int64 // counts its changes, from 1
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Settings are the keys that belong to a check kind or a format, as plain
// JSON values. They may hold secrets (the metadata says which), so they print
// and log masked; use Decode to read them and the metadata's Mask to show them.
type Settings map[string]any

// Decode reads the settings into a struct with json tags. Unknown keys are an
// error, so that a struct and its metadata cannot drift apart unseen.
func (s Settings) Decode(into any) error {
	b, err := json.Marshal(map[string]any(s))
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// Format prints how many keys there are and never their values.
func (s Settings) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "settings(%d)", len(s)) }

// LogValue logs what Format prints.
func (s Settings) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// Target is what a probe gets to see: a check, and the server it is on.
type Target struct {
	Check  Check
	Server Server
}

// Result is one observation of a check.
type Result struct {
	CheckID int64
	At      time.Time     // when the observation was complete
	Level   Level         // Up, Warning or Down; Unknown is not a result
	Latency time.Duration // how long it took; 0 where that has no meaning
	Message string        // one plain sentence
	IP      string        // the address the probe reached or tried; "" if none
	Steps   []Step        `json:"-"` // how the time was spent, in order; for trying out, not kept
}

// Step is a part of one observation: resolving, connecting, waiting.
type Step struct {
	Name string // "DNS", "connect", "TLS", "first byte", "content", …
	Took time.Duration
}

// CheckState is what a check's confirmed state looks like to readers.
type CheckState struct {
	CheckID    int64
	Level      Level     // the confirmed level; Unknown before the first result
	Since      time.Time // when that level was confirmed; zero while Unknown
	IncidentID string    // the open incident; "" while there is none
}

// Incident is one unbroken stretch in which a check was not up.
type Incident struct {
	ID       string // decimal digits; the payload's alert_id
	CheckID  int64  // stays when the check is removed
	Server   string // the server's name when it opened
	Service  string // the check's name when it opened
	ServerIP string
	Tags     []string  // of the server, at its latest event
	Level    Level     // the current level, or the last one before the end
	Worst    Level     // the worst level it reached
	Began    time.Time // first bad result of the streak that opened it
	Opened   time.Time // when it was confirmed
	Ended    time.Time // first good result of the streak that closed it; zero while open
	Closed   time.Time // when the end was confirmed; zero while open
	Message  string    // of its latest event
	Events   int       // how many events it has so far
	Latest   time.Time // when its latest event was

	AcknowledgedAt  time.Time // when somebody took it on; zero: nobody has
	AcknowledgedBy  string
	AcknowledgeNote string
}

// Open reports whether the incident has not ended.
func (i Incident) Open() bool { return i.Closed.IsZero() }

// EventKind is what happened to an incident.
type EventKind string

// The kinds of events. A Reminder tells the present level again: to those from
// whom it was held back, or, where it Repeats, to everybody.
const (
	Opened    EventKind = "opened"
	Worsened  EventKind = "worsened"
	Eased     EventKind = "eased"
	Reminder  EventKind = "reminder"
	Recovered EventKind = "recovered"
)

// Event is one thing worth telling about an incident: a snapshot that never
// changes once made.
type Event struct {
	ID         int64
	IncidentID string // an incident's id, or "test-…" for a sample
	Seq        int    // 1 for the first event of the incident
	Kind       EventKind
	Level      Level     // the level entered; Up when recovered
	At         time.Time // when the change was confirmed
	CheckID    int64     // 0 for a sample
	Server     string
	Service    string
	ServerIP   string
	Tags       []string
	Message    string
	Began      time.Time     // of the incident
	Ended      time.Time     // of the incident; zero unless Recovered
	Duration   time.Duration // from Began to At; when recovered, to Ended
	Evidence   []Result      // the results that confirmed it, oldest first
	Decisions  []Decision    // one for every webhook there was, in webhook order
	Repeats    bool          // a Reminder also for those who know, as the check's remind asks for
	Test       bool
}

// Reason names why an event did or did not go to a webhook, or why a
// delivery ended without being delivered.
type Reason string

// The reasons. A delivery carries the later ones as its own reason.
const (
	Owed           Reason = "owed"            // it goes; the delivery's status says how far it is
	NotSelected    Reason = "not_selected"    // the webhook does not hear this alert type
	Filtered       Reason = "filtered"        // its match names other servers, tags or checks
	AlreadyTold    Reason = "already_told"    // what it sees has not changed
	NeverTold      Reason = "never_told"      // a recovery of something it was never told
	WebhookPaused  Reason = "paused"          // held back while the webhook is paused
	Silenced       Reason = "silenced"        // held back while a silence is in force
	InMaintenance  Reason = "maintenance"     // held back during a maintenance window
	Disabled       Reason = "disabled"        // the receiver said it is gone; resume to use it again
	WebhookRemoved Reason = "webhook_removed" // cancelled because the webhook was removed
	GaveUp         Reason = "gave_up"         // failed: tried for as long as give_up_after says
	Gone           Reason = "gone"            // failed: the receiver said it is gone
	TestFailed     Reason = "test_failed"     // failed: a test is tried once
	CaughtUp       Reason = "caught_up"       // owed, decided when a hold ended
	StillWaiting   Reason = "still_waiting"   // a reminder, while an earlier message of the incident waits to be sent
)

// Decision is why one event did or did not go to one webhook.
type Decision struct {
	WebhookID int64  `json:"webhook_id"`
	Webhook   string `json:"webhook"`
	Reason    Reason `json:"reason"`
}

// Past is what an event is routed by: the levels its incident entered before,
// in the order of their events, and what each webhook was owed of the incident
// so far, the event itself included where it is looked at again.
type Past struct {
	Levels []Level        // of events 1 … Seq-1; Up for a recovery
	Told   map[int64]Told // by webhook id; webhooks that were owed nothing may be missing
}

// Told is what one webhook was owed of an incident so far.
type Told struct {
	Statuses map[int]Status // by the event's Seq
	GivenUp  bool           // every one of them failed: it was told nothing
}

// Header is one custom header of a webhook; its value is a secret.
type Header struct {
	Name  string
	Value Secret
}

// Match narrows a webhook to some servers, tags or checks: any within a key,
// all across keys. The zero value matches everything.
type Match struct {
	Servers []string `json:"servers,omitempty"`
	Tags    []string `json:"tags,omitempty"`
	Checks  []string `json:"checks,omitempty"` // "check" or "server/check"
}

// Webhook is an endpoint that wants events, with everything an attempt needs.
type Webhook struct {
	ID             int64
	Name           string // unique
	URL            Secret // whole; DisplayURL is for showing
	DisplayURL     string // with credentials masked
	Format         string // a registered format, or "auto"
	AlertTypes     AlertTypes
	Headers        []Header
	Secret         Secret // signing secret, whsec_…; empty: unsigned
	PreviousSecret Secret // signs too while the secret rotates
	Match          Match
	Settings       Settings // the format's own keys
	Paused         bool
	DisabledAt     time.Time // zero: not disabled
	DisabledWhy    string
	Source         Source
	Revision       int64 // counts its changes, from 1; not what happens to it
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Health         WebhookHealth
}

// WebhookHealth is what the latest attempts say of a webhook.
type WebhookHealth struct {
	FailStreak  int       // attempts failed since the last success
	FailingFrom time.Time // first of that streak; zero when healthy
	HoldUntil   time.Time // the receiver's Retry-After; zero for none
	LastError   string
}

// DeliveryStatus is how far a delivery is.
type DeliveryStatus string

// Pending and Sending are open; the others are final, unless it is sent again.
const (
	Pending           DeliveryStatus = "pending"
	Sending           DeliveryStatus = "sending"
	Delivered         DeliveryStatus = "delivered"
	DeliveryFailed    DeliveryStatus = "failed"
	DeliveryCancelled DeliveryStatus = "cancelled"
)

// Final reports whether the delivery has ended.
func (s DeliveryStatus) Final() bool {
	return s == Delivered || s == DeliveryFailed || s == DeliveryCancelled
}

// Delivery is one event owed to one webhook.
type Delivery struct {
	ID           int64
	MessageID    string // the Webhook-Id, the same in every attempt
	EventID      int64
	IncidentID   string
	Seq          int   // the event's place in its incident
	WebhookID    int64 // 0 for the test of unsaved values
	Webhook      string
	Tells        Status // what this webhook is told
	Status       DeliveryStatus
	Reason       Reason
	Attempts     int           // attempts made
	Tries        int           // attempts since it was last sent by hand: the place in the retry schedule
	DueAt        time.Time     // of the next attempt, while Pending
	Delay        time.Duration // DueAt was set this long ahead: a due time farther away is a jumped clock
	AfterID      int64         // waits until this delivery has ended; 0 for none
	FirstAttempt time.Time     // zero before it
	CreatedAt    time.Time
	FinishedAt   time.Time // zero while open
	Test         bool
	Server       string // of the event, for lists
	Service      string
}

// Job is a claimed delivery with what its attempt needs: the event's snapshot
// and the webhook as it is now.
type Job struct {
	Delivery  Delivery
	Event     Event
	Webhook   Webhook
	ClaimedAt time.Time
	Closed    time.Time // when the incident's end was confirmed; zero while open
	EndedAt   time.Time // when the service came back; zero while open
}

// Completion is what became of a claimed delivery after an attempt.
type Completion struct {
	Job       Job
	Attempt   Attempt
	Status    DeliveryStatus // Pending: again at DueAt
	Reason    Reason
	DueAt     time.Time
	Delay     time.Duration
	Now       time.Time
	Disable   string    // not empty: disable the webhook, for this reason
	HoldUntil time.Time // the receiver asked not to be sent anything before; zero for none
	Says      Says      // what the attempt says of the endpoint
	Next      int       // claim up to that many further deliveries of this webhook
}

// Says is what an attempt says of its endpoint.
type Says uint8

// A success ends a streak of failures, and makes all that waits for the
// webhook due at once.
const (
	SaysNothing Says = iota
	SaysSuccess
	SaysFailure
)

// Attempt is one HTTP request of a delivery, as it is kept.
type Attempt struct {
	ID         int64
	DeliveryID int64
	WebhookID  int64
	Number     int // 1 for the first of its delivery
	StartedAt  time.Time
	Duration   time.Duration
	Verdict    Verdict
	Status     int    // HTTP status; 0 when there was no answer
	Address    string // the address really used; "" when none was reached
	Request    Exchange
	Response   Exchange
}

// Exchange is one side of a recorded request, with secrets masked.
type Exchange struct {
	Line      string      // "POST https://…" or "HTTP/1.1 200 OK"
	Header    [][2]string // sorted by name
	Body      string      // at most 4 KiB
	Truncated bool        // the body was longer
}
