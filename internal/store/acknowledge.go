package store

import "serverscout/internal/scout"

// Incident returns one incident, or NotFound.
func (tx *Tx) Incident(id string) (scout.Incident, error) {
	i, err := scanIncident(tx.row("SELECT "+incidentColumns+" FROM incidents WHERE id = ?", id))
	return i, missing(err, "incident", id)
}

// Acknowledge writes who took an incident on, when and with which note; a zero
// time takes that back. It stands for the events that the incident has by now.
func (tx *Tx) Acknowledge(i scout.Incident) error {
	_, err := tx.exec(`UPDATE incidents SET acknowledged_at = ?, acknowledged_by = ?, acknowledge_note = ?,
		acknowledged_events = events WHERE id = ?`, stored(i.AcknowledgedAt), i.AcknowledgedBy, i.AcknowledgeNote, i.ID)
	tx.notify(TopicHistory)
	return err
}

// Acknowledged reports whether somebody took the incident on and it has not
// worsened since.
func (tx *Tx) Acknowledged(incidentID string) (taken bool, err error) {
	err = tx.row(`SELECT EXISTS (SELECT 1 FROM incidents i WHERE i.id = ? AND i.acknowledged_at <> 0 AND NOT EXISTS (
		SELECT 1 FROM events e WHERE e.incident_id = i.id AND e.kind = ? AND e.seq > i.acknowledged_events))`,
		incidentID, scout.Worsened).Scan(&taken)
	return taken, err
}
