package store

import (
	"math"

	"serverscout/internal/scout"
)

// DeleteIncident removes an incident with its events, deliveries and attempts.
// One that is open, or of which something waits to be delivered, is a Conflict.
func (tx *Tx) DeleteIncident(id string) error {
	in, err := tx.Incident(id)
	if err != nil {
		return err
	}
	if in.Open() {
		return scout.Errorf(scout.Conflict, "incident %s has not ended: pause or delete its check to end it", id)
	}
	owed, err := tx.anyOpen(id)
	if err != nil {
		return err
	}
	if owed {
		return scout.Errorf(scout.Conflict, "something of incident %s is still owed: it is kept until that is delivered, failed or cancelled", id)
	}
	_, err = tx.pruneStory(id, math.MaxInt32)
	return err
}
