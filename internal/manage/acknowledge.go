package manage

import (
	"context"
	"time"

	"serverscout/internal/scout"
)

// AcknowledgeTx keeps who took an incident on.
type AcknowledgeTx interface {
	// Now is the time at which that happens.
	Now() time.Time
	Incident(id string) (scout.Incident, error)
	// Acknowledge writes the incident's fields about it, and nothing else.
	Acknowledge(i scout.Incident) error
}

// AcknowledgementFields describes the keys of an acknowledgement.
func AcknowledgementFields() []scout.Field {
	return []scout.Field{
		{Name: "note", Type: scout.TypeString, Max: 1000, Help: "What is being done about it.", Example: "Restarting the web server."},
	}
}

// ParseAcknowledgement reads the note of an acknowledgement from its keys.
func ParseAcknowledgement(in map[string]any) (note string, err error) {
	var faults scout.Faults
	v := normalise("", AcknowledgementFields(), in, &faults)
	return str(v, "note"), faults.Err()
}

// Acknowledge has somebody take an open incident on. It is not reminded of
// again until it worsens; those not yet told are told all the same. A second
// acknowledgement stands in the place of the first.
func (m *Manager) Acknowledge(ctx context.Context, incidentID, by, note string) (scout.Incident, error) {
	note, err := ParseAcknowledgement(map[string]any{"note": note})
	if err != nil {
		return scout.Incident{}, err
	}
	return m.acknowledge(ctx, incidentID, func(tx Tx, i *scout.Incident) {
		i.AcknowledgedAt, i.AcknowledgedBy, i.AcknowledgeNote = tx.Now(), by, note
	})
}

// Unacknowledge takes the acknowledgement of an open incident back.
func (m *Manager) Unacknowledge(ctx context.Context, incidentID string) (scout.Incident, error) {
	return m.acknowledge(ctx, incidentID, func(_ Tx, i *scout.Incident) {
		i.AcknowledgedAt, i.AcknowledgedBy, i.AcknowledgeNote = time.Time{}, "", ""
	})
}

func (m *Manager) acknowledge(ctx context.Context, id string, change func(Tx, *scout.Incident)) (i scout.Incident, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if i, err = tx.Incident(id); err != nil {
			return err
		}
		if !i.Open() {
			return scout.Errorf(scout.Conflict, "incident %s has ended: who acknowledged it stays as it is", id)
		}
		change(tx, &i)
		return tx.Acknowledge(i)
	})
	return i, err
}
