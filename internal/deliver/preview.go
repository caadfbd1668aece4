package deliver

import (
	"time"

	"serverscout/internal/egress"
	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// Preview draws how the target of a webhook, stored or not, shows an alert that
// tells status: as HTML for integration.PreviewCSS, and as the body that is
// sent. Secrets are masked in both. Nothing is sent and nothing recorded. It
// fails where the webhook's format cannot write the message.
func (e *Engine) Preview(w scout.Webhook, status scout.Status) (html, body string, err error) {
	now := e.options.Now()
	job := scout.Job{Webhook: w, Event: specimen(status, now), Delivery: scout.Delivery{MessageID: scout.NewMessageID(), Tells: status}}
	f, r, err := e.request(job, now)
	if err != nil {
		return "", "", err
	}
	r.Body = []byte(egress.MaskText(string(r.Body), r.Secrets))
	drawn, err := integration.PreviewHTML(f, r)
	return string(drawn), string(r.Body), err
}

// specimen is an event as real ones are, so that it is seen what a sample does
// not show, such as the link.
func specimen(status scout.Status, now time.Time) scout.Event {
	e := sample("12345", 1, status, now)
	e.Test = false
	e.Server, e.ServerIP, e.Tags = "web-server-01", "192.168.1.100", []string{"prod"}
	switch status {
	case scout.StatusDown:
		e.Message = "HTTP service is not responding on port 80"
	case scout.StatusWarning:
		e.Message = "HTTP service answers slowly: 912 ms"
	default:
		e.Message = "HTTP service is responding again on port 80"
	}
	return e
}
