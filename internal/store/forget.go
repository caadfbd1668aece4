package store

import "serverscout/internal/scout"

// DeleteIncident removes an incident with its events, deliveries and attempts.
// One that is open, or of which something waits to be delivered, is a Conflict.
func (tx *Tx) DeleteIncident(id string) error {
	in, err := scanIncident(tx.row("SELECT "+incidentColumns+" FROM incidents WHERE id = ?", id))
	if err := missing(err, "incident", id); err != nil {
		return err
	}
	if in.Open() {
		return scout.Errorf(scout.Conflict, "incident %s has not ended: pause or delete its check to end it", id)
	}
	var waiting int
	err = tx.row("SELECT COUNT(*) FROM deliveries WHERE incident_id = ? AND status IN ('pending', 'sending')", id).Scan(&waiting)
	if err != nil {
		return err
	}
	if waiting > 0 {
		return scout.Errorf(scout.Conflict, "%d deliveries of incident %s still wait: they are owed, and the incident is kept until they have ended", waiting, id)
	}
	return tx.forget(id)
}

// forget removes an incident and all that is on record of it.
func (tx *Tx) forget(id string) error {
	for _, q := range []string{
		"DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE incident_id = ?)",
		"DELETE FROM deliveries WHERE incident_id = ?",
		"DELETE FROM events WHERE incident_id = ?",
		"DELETE FROM incidents WHERE id = ?",
	} {
		if _, err := tx.exec(q, id); err != nil {
			return err
		}
	}
	return nil
}
