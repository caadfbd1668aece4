package manage

import (
	"context"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// RotateSecret gives a webhook that is of revision match a new signing secret.
// The one it had signs as well, until previous_secret is removed or the secret
// is rotated again, so that receivers can change over one after the other.
func (m *Manager) RotateSecret(ctx context.Context, id, match int64, secret scout.Secret) (scout.Webhook, error) {
	return m.changeWebhook(ctx, id, match, func(old scout.Webhook) map[string]any {
		patch := map[string]any{"secret": secret.Reveal(), "previous_secret": nil}
		if !old.Secret.Empty() {
			patch["previous_secret"] = old.Secret.Reveal()
		}
		return patch
	})
}

// FormatOf describes the format that a webhook's messages are written in: the
// one it names, or the one that its URL is recognised as. It is the zero value
// for a format that is no more.
func FormatOf(w scout.Webhook) scout.FormatMeta {
	f, _ := integration.Resolve(w.Format, w.URL.Reveal())
	return f.FormatMeta
}
