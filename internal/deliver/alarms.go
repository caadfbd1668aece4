package deliver

import (
	"slices"
	"time"
)

// alarms are the moments at which something will be due, soonest first.
type alarms []time.Time

func (a *alarms) add(at time.Time) {
	if i, found := slices.BinarySearchFunc(*a, at, time.Time.Compare); !found {
		*a = slices.Insert(*a, i, at)
	}
}

// drop forgets those that are over at now.
func (a *alarms) drop(now time.Time) {
	over, found := slices.BinarySearchFunc(*a, now, time.Time.Compare)
	if found {
		over++
	}
	*a = slices.Delete(*a, 0, over)
}

// next returns the soonest, or last if that comes before it.
func (a alarms) next(last time.Time) time.Time {
	if len(a) > 0 && a[0].Before(last) {
		return a[0]
	}
	return last
}
