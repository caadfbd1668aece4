package scout

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Level is how well a check is. The zero value is Unknown: never observed.
// The others are ordered: Up < Warning < Down.
type Level uint8

// The levels, from best to worst; Unknown stands outside the order.
const (
	Unknown Level = iota
	Up
	Warning
	Down
)

var levelNames = [...]string{"unknown", "up", "warning", "down"}

// String returns the level's word as users read it.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return fmt.Sprintf("level(%d)", uint8(l))
}

// ParseLevel is the inverse of String. It fails for any other word.
func ParseLevel(s string) (Level, error) {
	for i, name := range levelNames {
		if s == name {
			return Level(i), nil
		}
	}
	return Unknown, fmt.Errorf("%q is not a level: use up, warning, down or unknown", s)
}

// MarshalText writes the level's word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (l *Level) UnmarshalText(b []byte) (err error) {
	*l, err = ParseLevel(string(b))
	return err
}

// Status is what a webhook is told about an incident: the payload's "status".
type Status string

// The three things a webhook can be told.
const (
	StatusDown      Status = "down"
	StatusWarning   Status = "warning"
	StatusRecovered Status = "recovered"
)

// StatusOf returns how a level is told. Up and Unknown are told as recovered.
func StatusOf(l Level) Status {
	switch l {
	case Down:
		return StatusDown
	case Warning:
		return StatusWarning
	default:
		return StatusRecovered
	}
}

// ParseStatus fails for any word but down, warning and recovered.
func ParseStatus(s string) (Status, error) {
	switch st := Status(s); st {
	case StatusDown, StatusWarning, StatusRecovered:
		return st, nil
	}
	return "", fmt.Errorf("%q is not a status: use down, warning or recovered", s)
}

// Level returns the level a status stands for; recovered stands for Up.
func (s Status) Level() Level {
	switch s {
	case StatusDown:
		return Down
	case StatusWarning:
		return Warning
	default:
		return Up
	}
}

// Severity is the payload's "severity" for a status: critical, warning or info.
func (s Status) Severity() string {
	switch s {
	case StatusDown:
		return "critical"
	case StatusWarning:
		return "warning"
	default:
		return "info"
	}
}

// AlertTypes is the set of alert types a webhook hears. The zero value hears
// nothing.
type AlertTypes uint8

// The alert types; combine them with |.
const (
	Critical AlertTypes = 1 << iota
	WarningAlerts
	Recovery
	AllAlerts = Critical | WarningAlerts | Recovery
)

var alertNames = []struct {
	bit  AlertTypes
	name string
}{{Critical, "critical"}, {WarningAlerts, "warning"}, {Recovery, "recovery"}}

// Has reports whether every type in t is selected.
func (a AlertTypes) Has(t AlertTypes) bool { return a&t == t }

// Names lists the selected types in their usual order.
func (a AlertTypes) Names() []string {
	names := []string{}
	for _, n := range alertNames {
		if a.Has(n.bit) {
			names = append(names, n.name)
		}
	}
	return names
}

// String joins the names with commas.
func (a AlertTypes) String() string { return strings.Join(a.Names(), ",") }

// ParseAlertTypes reads the names critical, warning and recovery.
func ParseAlertTypes(names []string) (AlertTypes, error) {
	var a AlertTypes
next:
	for _, name := range names {
		for _, n := range alertNames {
			if n.name == name {
				a |= n.bit
				continue next
			}
		}
		return 0, fmt.Errorf("%q is not an alert type: use critical, warning or recovery", name)
	}
	return a, nil
}

// MarshalJSON writes the list of names.
func (a AlertTypes) MarshalJSON() ([]byte, error) { return json.Marshal(a.Names()) }

// UnmarshalJSON reads a list of names.
func (a *AlertTypes) UnmarshalJSON(b []byte) error {
	var names []string
	if err := json.Unmarshal(b, &names); err != nil {
		return err
	}
	var err error
	*a, err = ParseAlertTypes(names)
	return err
}
