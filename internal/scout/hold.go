package scout

import (
	"slices"
	"time"
)

// HoldKind says why alerts are held back. What follows is the same.
type HoldKind string

// A Silence is for what somebody knows already; Maintenance is for work that
// was planned.
const (
	Silence     HoldKind = "silence"
	Maintenance HoldKind = "maintenance"
)

// Reason is the reason of a decision that such a hold makes.
func (k HoldKind) Reason() Reason {
	if k == Maintenance {
		return InMaintenance
	}
	return Silenced
}

// Hold is one stretch of time in which alerts are held back: a silence or a
// maintenance window. Once it has ended it holds nothing any more, whatever the
// clock says, and what it held back is told where it still matters.
type Hold struct {
	ID        int64
	Kind      HoldKind
	Match     Match  // what it covers; the zero value covers everything
	Author    string // who made it
	Comment   string
	From      time.Time // in the future: planned
	Until     time.Time // later than From
	EndedAt   time.Time // when it ended, at Until or before; zero until that is on record
	Revision  int64     // counts its changes, from 1
	CreatedAt time.Time
}

// HoldState is how far a hold is.
type HoldState string

// The states of a hold.
const (
	HoldPlanned HoldState = "planned"
	HoldActive  HoldState = "active"
	HoldEnded   HoldState = "ended"
)

// State says how far the hold is at a moment.
func (h Hold) State(now time.Time) HoldState {
	switch {
	case !h.EndedAt.IsZero(), !now.Before(h.Until):
		return HoldEnded
	case now.Before(h.From):
		return HoldPlanned
	default:
		return HoldActive
	}
}

// Covers reports whether a check is among what the match names: any within a
// key, all across keys. A check is named alone or as server/check; tags are
// those of its server.
func (m Match) Covers(server string, tags []string, check string) bool {
	if len(m.Servers) > 0 && !slices.Contains(m.Servers, server) {
		return false
	}
	if len(m.Tags) > 0 && !slices.ContainsFunc(m.Tags, func(tag string) bool { return slices.Contains(tags, tag) }) {
		return false
	}
	return len(m.Checks) == 0 || slices.Contains(m.Checks, check) || slices.Contains(m.Checks, server+"/"+check)
}

// Empty reports whether the match names nothing, and so covers everything.
func (m Match) Empty() bool { return len(m.Servers)+len(m.Tags)+len(m.Checks) == 0 }

// HoldFilter narrows a list of holds. Zero fields do not.
type HoldFilter struct {
	State  HoldState
	Kind   HoldKind
	Before int64 // the last id of the page before
}
