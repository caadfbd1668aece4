package scout

import "time"

// Only narrows a list to what has a property, or to what has it not.
type Only uint8

// The zero value does not narrow.
const (
	Either Only = iota
	With
	Without
)

// ServerFilter narrows a list of servers. Zero fields do not.
type ServerFilter struct {
	Name, Tag string
	Contains  string // a part of the name or the ip
	After     int64  // the last id of the page before
}

// CheckFilter narrows a list of checks. Zero fields do not.
type CheckFilter struct {
	ServerID   int64
	Name, Kind string
	Level      Level  // the confirmed level; Unknown does not narrow
	Unobserved bool   // only those whose level is Unknown
	Tag        string // of its server
	Contains   string // a part of its name or its server's
	Paused     Only
	After      int64 // the last id of the page before
}

// WebhookFilter narrows a list of webhooks. Zero fields do not.
type WebhookFilter struct {
	Name, Format string
	Failing      Only // whether its latest attempt failed
	Paused       Only
	Disabled     Only
	After        int64 // the last id of the page before
}

// IncidentFilter narrows a list of incidents. Zero fields do not.
type IncidentFilter struct {
	CheckID         int64
	Server, Service string
	Contains        string // a part of the server's or the service's name
	Open, Closed    bool
	Level           Level // Unknown does not narrow
	Acknowledged    Only
	Since, Until    time.Time // opened in [Since, Until)
	Before          string    // the last id of the page before
}

// EventFilter narrows a list of events. Zero fields do not.
type EventFilter struct {
	IncidentID   string
	CheckID      int64
	Kind         EventKind
	Test         bool      // also the samples of tests
	OnlyTests    bool      // nothing but the samples of tests
	Since, Until time.Time // confirmed in [Since, Until)
	Before       int64     // the last id of the page before
	OldestFirst  bool      // list in the order in which they happened
	After        int64     // then the last id of the page before
}

// DeliveryFilter narrows a list of deliveries. Zero fields do not.
type DeliveryFilter struct {
	WebhookID, EventID int64
	IncidentID         string
	Status             DeliveryStatus
	Statuses           []DeliveryStatus // any of them; not together with Status
	Reason             Reason
	Server, Service    string
	Contains           string // a part of the server's, the service's or the webhook's name
	Fault              Fault  // of one of its attempts
	Test               Only
	Since, Until       time.Time // created in [Since, Until)
	EndedSince         time.Time // delivered, failed or cancelled then or later
	Before             int64     // the last id of the page before
}

// AttemptFilter narrows a list of the attempts of all deliveries. Zero fields
// do not.
type AttemptFilter struct {
	WebhookID       int64
	DeliveryID      int64
	Outcome         Outcome
	Fault           Fault
	Status          DeliveryStatus // of its delivery
	Server, Service string
	Contains        string // a part of the server's, the service's or the webhook's name
	Test            Only
	Since, Until    time.Time // started in [Since, Until)
	Before          int64     // the last id of the page before
}

// SentAttempt is an attempt with the delivery it belongs to.
type SentAttempt struct {
	Attempt  Attempt
	Delivery Delivery
	CheckID  int64 // of the event; 0 for a sample
}

// Place is a place in the history of events and attempts: the id of the last
// one of each. The zero value is the beginning.
type Place struct{ Event, Attempt int64 }

// Backlog is what the delivery side looks like at a moment.
type Backlog struct {
	Pending, Sending int
	OldestDue        time.Time // of what is pending; zero when nothing is
}

// Rollup sums up a check's results in one window.
type Rollup struct {
	CheckID           int64
	Start             time.Time
	Up, Warning, Down int // results of that level
	Min, Median, Max  time.Duration
}
