package scout

// Telling is what became of all that one webhook was owed of an incident.
type Telling struct {
	WebhookID int64
	Webhook   string
	Delivery  Delivery // the one that matters: the first that has not ended, or else the latest
	Attempt   Attempt  // the latest of Delivery, without what was sent and came back; zero before the first
}

// Told reports whether the webhook knows how the incident stands: the latest
// of what it was owed was delivered.
func (t Telling) Told() bool { return t.Delivery.Status == Delivered }
