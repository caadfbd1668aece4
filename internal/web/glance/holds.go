package glance

import (
	"slices"

	"serverscout/internal/scout"
)

// Covering returns those of some holds that cover a check of a server, in the
// order in which they are given.
func Covering(holds []scout.Hold, s scout.Server, check string) []scout.Hold {
	return keep(holds, func(m scout.Match) bool { return m.Covers(s.Name, s.Tags, check) })
}

// CoveringAny returns those of some holds that cover at least one of a server's
// checks, or the server itself where it has none.
func CoveringAny(holds []scout.Hold, s scout.Server, checks []Check) []scout.Hold {
	return keep(holds, func(m scout.Match) bool {
		if len(checks) == 0 {
			return len(m.Checks) == 0 && m.Covers(s.Name, s.Tags, "")
		}
		return slices.ContainsFunc(checks, func(c Check) bool { return m.Covers(s.Name, s.Tags, c.Name) })
	})
}

func keep(holds []scout.Hold, covers func(scout.Match) bool) []scout.Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h scout.Hold) bool { return !covers(h.Match) })
}
