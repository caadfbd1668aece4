package scout

import "time"

// Availability is how a check spent a stretch of time. The parts do not
// overlap; their sum is the stretch, without the time before the check existed.
type Availability struct {
	Up      time.Duration
	Warning time.Duration
	Down    time.Duration
	Paused  time.Duration
	Unknown time.Duration // never observed by then, or Server Scout was not running
}

// Percent returns how much of the observed time the check was available, from
// 0 to 100, and false if it was not observed at all. A warning counts as
// available: the service answers, if not as it should. Paused and unknown time
// is not observed and counts for nothing.
func (a Availability) Percent() (float64, bool) {
	available := a.Up + a.Warning
	observed := available + a.Down
	if observed <= 0 {
		return 0, false
	}
	return 100 * float64(available) / float64(observed), true
}

// Join adds how something else was spent.
func (a *Availability) Join(o Availability) {
	a.Up += o.Up
	a.Warning += o.Warning
	a.Down += o.Down
	a.Paused += o.Paused
	a.Unknown += o.Unknown
}
