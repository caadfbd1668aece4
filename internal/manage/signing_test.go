package manage_test

import (
	"context"
	"testing"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestRotateSecret(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	w := value(m.CreateWebhook(ctx, object{"name": "ops", "url": "https://example.com/hook"}))(t)
	for _, step := range []struct{ secret, previous string }{{signingBefore, ""}, {signing, signingBefore}, {signingNew, signing}} {
		w = value(m.RotateSecret(ctx, w.ID, w.Revision, scout.NewSecret(step.secret)))(t)
		if w.Secret.Reveal() != step.secret || w.PreviousSecret.Reveal() != step.previous {
			t.Errorf("signs with %q and %q, want %+v", w.Secret.Reveal(), w.PreviousSecret.Reveal(), step)
		}
		equal(t, "stored webhook", value(s.Webhook(ctx, w.ID))(t), w)
	}
	_, err := m.RotateSecret(ctx, w.ID, w.Revision-1, scout.NewSecret(signing))
	wantCode(t, err, scout.Changed)
	_, err = m.RotateSecret(ctx, w.ID, w.Revision, scout.NewSecret("hunter2"))
	wantFaults(t, err, "secret")
	_, err = m.RotateSecret(ctx, w.ID+1, manage.AnyRevision, scout.NewSecret(signing))
	wantCode(t, err, scout.NotFound)
	equal(t, "webhook after refusals", value(s.Webhook(ctx, w.ID))(t), w)
}

func TestRotateSecretOfTheFile(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	w := scout.Webhook{Name: "ops", URL: scout.NewSecret("https://example.com/hook"), Source: scout.FromFile}
	must(t, s.Update(context.Background(), func(tx *store.Tx) error { return tx.SaveWebhook(&w) }))
	_, err := m.RotateSecret(context.Background(), w.ID, w.Revision, scout.NewSecret(signing))
	wantCode(t, err, scout.ManagedByFile)
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ format, url, want string }{
		"by name":   {"discord", "https://example.com/hook", "discord"},
		"by URL":    {"auto", "https://hooks.slack.com/services/T0/B0/x", "slack"},
		"any other": {"auto", "https://example.com/hook", "native"},
		"no more":   {"pigeon", "https://example.com/hook", ""},
	} {
		if got := manage.FormatOf(scout.Webhook{Format: tt.format, URL: scout.NewSecret(tt.url)}).Name; got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
