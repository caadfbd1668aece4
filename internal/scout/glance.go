package scout

import "time"

// Stretch is a stretch of time that a check spent at one confirmed level.
type Stretch struct {
	From, To time.Time
	Level    Level // Unknown: never observed by then, or Server Scout was not running
	Paused   bool  // not watched; Level is Unknown
}

// Add counts a stretch.
func (a *Availability) Add(s Stretch) { a.AddPart(s, s.To.Sub(s.From)) }

// AddPart counts a part of a stretch, of some length.
func (a *Availability) AddPart(s Stretch, length time.Duration) {
	switch {
	case s.Paused:
		a.Paused += length
	case s.Level == Up:
		a.Up += length
	case s.Level == Warning:
		a.Warning += length
	case s.Level == Down:
		a.Down += length
	default:
		a.Unknown += length
	}
}

// Standing is how a server is: what the checks on it add up to.
type Standing string

// The standings. Any check that is down, or else one that is a warning, or
// else one that was never observed, decides; paused ones count only where
// there are no others. A server without checks is unknown.
const (
	StandsDown    Standing = "down"
	StandsWarning Standing = "warning"
	StandsUnknown Standing = "unknown"
	StandsPaused  Standing = "paused"
	StandsUp      Standing = "up"
)

// CheckCounts counts the checks of a server by how they are. A paused check
// is counted as that alone.
type CheckCounts struct{ Down, Warning, Unknown, Paused, Up int }

// Total is how many checks there are.
func (n CheckCounts) Total() int { return n.Down + n.Warning + n.Unknown + n.Paused + n.Up }

// Standing is what the checks add up to.
func (n CheckCounts) Standing() Standing {
	switch {
	case n.Down > 0:
		return StandsDown
	case n.Warning > 0:
		return StandsWarning
	case n.Unknown > 0 || n.Total() == 0:
		return StandsUnknown
	case n.Up == 0:
		return StandsPaused
	default:
		return StandsUp
	}
}

// ServerQuery narrows a list of servers with how they are. Zero fields do not.
type ServerQuery struct {
	Tag      string
	Contains string // a part of the name or the ip
	Standing Standing
}

// CountedServer is a server and how many checks it has.
type CountedServer struct {
	Server Server
	Checks CheckCounts
}

// Found is a service that answers on a host, as a check that can be made of
// it.
type Found struct {
	Kind   string // a registered check kind
	Name   string // what usually answers there: "SSH", "HTTPS"
	Target string // in the kind's own form
}
