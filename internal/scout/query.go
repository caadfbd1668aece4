package scout

import "time"

// ServerFilter narrows a list of servers. Zero fields do not.
type ServerFilter struct {
	Name, Tag string
	After     int64 // the last id of the page before
}

// CheckFilter narrows a list of checks. Zero fields do not.
type CheckFilter struct {
	ServerID   int64
	Name, Kind string
	Level      Level // the confirmed level; Unknown does not narrow
	After      int64 // the last id of the page before
}

// IncidentFilter narrows a list of incidents. Zero fields do not.
type IncidentFilter struct {
	CheckID         int64
	Server, Service string
	Open, Closed    bool
	Since           time.Time // opened then or later
	Before          string    // the last id of the page before
}

// EventFilter narrows a list of events. Zero fields do not.
type EventFilter struct {
	IncidentID string
	CheckID    int64
	Kind       EventKind
	Test       bool  // also the samples of tests
	Before     int64 // the last id of the page before
}

// DeliveryFilter narrows a list of deliveries. Zero fields do not.
type DeliveryFilter struct {
	WebhookID, EventID int64
	IncidentID         string
	Status             DeliveryStatus
	Server, Service    string
	Since, Until       time.Time // created in [Since, Until)
	Before             int64     // the last id of the page before
}

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
