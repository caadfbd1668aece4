package manage_test

import (
	"context"
	"testing"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const (
	signing       = "whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl"
	signingBefore = "whsec_YmVmb3JlLWh1bnRlcjItY29ycmVjdC1ob3JzZS1iYXR0ZXJ5"
	signingNew    = "whsec_bmV3LWh1bnRlcjItY29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0"
	askedAnew     = "the URL's host has changed, so what was stored for the old one is not sent there: give it anew, or remove it"
)

// fullWebhook has something under every key.
func fullWebhook(name string) object {
	return object{
		"name": name, "url": "https://ops:hunter2@example.com/hook?key=hunter2", "format": "native", "alert_types": []any{"critical"},
		"headers": object{"Authorization": "Bearer hunter2", "X-Key": "7"}, "secret": signing, "previous_secret": signingBefore,
		"match": object{"servers": []any{"web"}, "tags": []any{"prod"}, "checks": []any{"HTTP"}},
	}
}

const shownURL = "https://ops:" + scout.Masked + "@example.com/hook?key=" + scout.Masked

func TestChangeWebhook(t *testing.T) {
	t.Parallel()
	elsewhere := "https://elsewhere.example.com/"
	none := object{"headers": object{}, "secret": nil, "previous_secret": nil}
	tests := map[string]struct {
		patch object
		want  object // beside the full webhook; nil: gone
	}{
		"nothing":                {object{}, object{}},
		"a key":                  {object{"format": "slack"}, object{"format": "slack"}},
		"null restores defaults": {object{"format": nil, "alert_types": nil}, object{"format": "auto", "alert_types": []any{"critical", "warning", "recovery"}}},
		"within match":           {object{"match": object{"tags": nil, "servers": []any{"db"}}}, object{"match": object{"servers": []any{"db"}, "tags": []any{}, "checks": []any{"HTTP"}}}},
		"match null":             {object{"match": nil}, object{"match": object{"servers": []any{}, "tags": []any{}, "checks": []any{}}}},
		"a header null":          {object{"headers": object{"X-Key": nil}}, object{"headers": object{"Authorization": "Bearer hunter2"}}},
		"a header more":          {object{"headers": object{"X-New": "1"}}, object{"headers": object{"Authorization": "Bearer hunter2", "X-Key": "7", "X-New": "1"}}},
		"secrets null":           {none, with(none, object{"headers": object{"Authorization": "Bearer hunter2", "X-Key": "7"}})},
		"masked values are kept": {object{
			"url": shownURL, "headers": object{"Authorization": scout.Masked, "X-Key": "8"}, "secret": scout.Masked, "previous_secret": scout.Masked,
		}, object{"headers": object{"Authorization": "Bearer hunter2", "X-Key": "8"}}},
		"the secret rotates": {object{"secret": signingNew, "previous_secret": signing}, object{"secret": signingNew, "previous_secret": signing}},
		"path on that host":  {object{"url": "https://EXAMPLE.com/other"}, object{"url": "https://EXAMPLE.com/other"}},
		"host with all given anew": {
			object{"url": elsewhere, "headers": object{"Authorization": "Bearer new", "X-Key": "9"}, "secret": signingNew, "previous_secret": signingNew},
			object{"url": elsewhere, "headers": object{"Authorization": "Bearer new", "X-Key": "9"}, "secret": signingNew, "previous_secret": signingNew},
		},
		"host with nulls": {
			object{"url": elsewhere, "headers": object{"Authorization": nil, "X-Key": nil, "X-New": "1"}, "secret": nil, "previous_secret": nil},
			object{"url": elsewhere, "headers": object{"X-New": "1"}, "secret": nil, "previous_secret": nil},
		},
		"host with headers null": {
			object{"url": elsewhere, "headers": nil, "secret": nil, "previous_secret": nil},
			object{"url": elsewhere, "headers": object{}, "secret": nil, "previous_secret": nil},
		},
	}
	m, s := setup(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			old := value(m.CreateWebhook(ctx, fullWebhook(name)))(t)
			value(m.PauseWebhook(ctx, old.ID))(t)
			got := value(m.ChangeWebhook(ctx, old.ID, 0, test.patch))(t)
			want := with(fullWebhook(name), test.want)
			for k, v := range want {
				if v == nil {
					delete(want, k)
				}
			}
			equal(t, "changed webhook", viaJSON(t, manage.DescribeWebhook(got)), viaJSON(t, want))
			equal(t, "stored webhook", value(s.Webhook(ctx, old.ID))(t), got)
			if !got.Paused || got.CreatedAt != old.CreatedAt {
				t.Error("the pause or the time of creation was lost")
			}
		})
	}
}

func TestHostChangeAsksForSecretsAnew(t *testing.T) {
	t.Parallel()
	all := []string{"headers.Authorization", "headers.X-Key", "previous_secret", "secret"}
	masked := object{"headers": object{"Authorization": scout.Masked, "X-Key": scout.Masked}, "secret": scout.Masked, "previous_secret": scout.Masked}
	tests := map[string]struct {
		patch object
		want  []string
	}{
		"host":              {object{"url": "https://elsewhere.example.com/"}, all},
		"port":              {object{"url": "https://example.com:8443/"}, all},
		"masked values":     {with(masked, object{"url": "https://elsewhere.example.com/"}), all},
		"one given":         {object{"url": "https://elsewhere.example.com/", "secret": signingNew}, all[:3]},
		"one header given":  {object{"url": "https://elsewhere.example.com/", "headers": object{"X-Key": "new"}}, []string{all[0], all[2], all[3]}},
		"with other faults": {object{"url": "ftp://elsewhere.example.com/", "format": 1}, append(all[:len(all):len(all)], "format", "url")},
		"unreadable":        {object{"url": "https://exa mple.com/"}, append(all[:len(all):len(all)], "url")},
	}
	m, s := setup(t)
	ctx := context.Background()
	old := value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := m.ChangeWebhook(ctx, old.ID, 0, test.patch)
			wantFaults(t, err, test.want...)
			if first := faultsOf(t, err)[0]; first.Message != askedAnew || first.Value != "" {
				t.Errorf("got %+v", first)
			}
			_, err = m.UnsavedWebhook(ctx, old.ID, test.patch)
			wantFaults(t, err, test.want...)
			equal(t, "stored webhook", value(s.Webhook(ctx, old.ID))(t), old)
		})
	}
}

func TestChangeWebhookRefused(t *testing.T) {
	t.Parallel()
	m, _ := setup(t)
	ctx := context.Background()
	w := value(m.CreateWebhook(ctx, object{"name": "ops", "url": "https://example.com/hook"}))(t)
	value(m.CreateWebhook(ctx, object{"name": "dev", "url": "https://example.com/hook"}))(t)
	for field, patch := range map[string]object{
		"url":             {"url": nil},
		"name":            {"name": nil},
		"secret":          {"secret": scout.Masked},
		"previous_secret": {"previous_secret": scout.Masked},
		"headers.A":       {"headers": object{"A": scout.Masked}},
		"headerz":         {"headerz": object{}},
	} {
		_, err := m.ChangeWebhook(ctx, w.ID, 0, patch)
		wantFaults(t, err, field)
	}
	_, err := m.ChangeWebhook(ctx, w.ID, 0, object{"name": "dev"})
	wantCode(t, err, scout.Conflict)
	_, err = m.ChangeWebhook(ctx, 99, 0, object{})
	wantCode(t, err, scout.NotFound)
}

func TestUnsavedWebhook(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	for _, name := range []any{nil, "tried"} {
		w := value(m.UnsavedWebhook(ctx, 0, object{"name": name, "url": "https://example.com/hook", "secret": signing}))(t)
		want := "unsaved webhook"
		if name != nil {
			want = "tried"
		}
		if w.ID != 0 || w.Name != want || w.Source != scout.FromDatabase || w.Secret.Reveal() != signing {
			t.Errorf("got %+v", w)
		}
	}
	w := value(m.UnsavedWebhook(ctx, 0, object{"url": "https://example.com/hook"}))(t)
	if w.Name != "unsaved webhook" {
		t.Errorf("got the name %q", w.Name)
	}
	_, err := m.UnsavedWebhook(ctx, 0, object{"format": "fax"})
	wantFaults(t, err, "url", "format")
	_, err = m.UnsavedWebhook(ctx, 99, object{})
	wantCode(t, err, scout.NotFound)
	if stored := webhooksOf(t, s); len(stored) != 0 {
		t.Errorf("stored %v", stored)
	}
}

// A form shows masks; its test uses what is stored, and stores nothing. What
// is tested is trusted like anybody's values, also on a webhook of the file.
func TestUnsavedWebhookOfAStoredOne(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	must(t, m.Apply(ctx, value(manage.ParseDeclared(nil, []object{fullWebhook("ops")}, nothingWrong))(t)))
	old := webhooksOf(t, s)["ops"]
	got := value(m.UnsavedWebhook(ctx, old.ID, with(viaJSON(t, manage.ShowWebhook(old)), object{"alert_types": []any{"warning"}})))(t)
	want := old
	want.AlertTypes, want.Source, want.UpdatedAt = scout.WarningAlerts, scout.FromDatabase, got.UpdatedAt
	equal(t, "webhook to test", got, want)
	equal(t, "stored webhook", value(s.Webhook(ctx, old.ID))(t), old)
}

func nothingWrong(string) error { return nil }

func TestPauseAndResumeWebhook(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	must(t, m.Apply(ctx, value(parseFile(exampleFile))(t)))
	w := webhooksOf(t, s)["ops"]
	paused := value(m.PauseWebhook(ctx, w.ID))(t)
	if !paused.Paused {
		t.Error("not paused")
	}
	equal(t, "stored webhook", value(s.Webhook(ctx, w.ID))(t), paused)
	must(t, m.Apply(ctx, value(parseFile(exampleFile))(t)))
	if !webhooksOf(t, s)["ops"].Paused {
		t.Error("applying the file ended the pause")
	}
	resumed := value(m.ResumeWebhook(ctx, w.ID))(t)
	equal(t, "resumed webhook", resumed, w)
	_, err := m.PauseWebhook(ctx, 99)
	wantCode(t, err, scout.NotFound)
	_, err = m.ResumeWebhook(ctx, 99)
	wantCode(t, err, scout.NotFound)
}

// owe writes a delivery to a webhook that is due much later.
func owe(t *testing.T, s *store.Store, webhook scout.Webhook) scout.Delivery {
	t.Helper()
	e := scout.Event{IncidentID: "1", Seq: 1, Kind: scout.Opened, Level: scout.Down, At: webhook.CreatedAt}
	d := scout.Delivery{
		MessageID: "msg_1", IncidentID: "1", Seq: 1, WebhookID: webhook.ID, Webhook: webhook.Name, Tells: scout.StatusDown,
		Status: scout.Pending, Reason: scout.CaughtUp, DueAt: webhook.CreatedAt.AddDate(1, 0, 0), CreatedAt: webhook.CreatedAt,
	}
	must(t, s.Update(context.Background(), func(tx *store.Tx) error {
		if err := tx.InsertEvent(&e); err != nil {
			return err
		}
		d.EventID = e.ID
		return tx.InsertDelivery(&d)
	}))
	return d
}

func TestSendAgain(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	must(t, m.Apply(ctx, value(parseFile(exampleFile))(t)))
	owed := owe(t, s, webhooksOf(t, s)["ops"])
	must(t, m.SendAgain(ctx, owed.ID))
	got := value(s.Delivery(ctx, owed.ID))(t)
	if !got.DueAt.Before(owed.DueAt) || got.Status != scout.Pending || got.MessageID != owed.MessageID {
		t.Errorf("got %+v", got)
	}
	wantCode(t, m.SendAgain(ctx, 99), scout.NotFound)
}

func TestDeleteWebhook(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	w := value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	owed := owe(t, s, w)
	must(t, m.DeleteWebhook(ctx, w.ID, 0))
	if stored := webhooksOf(t, s); len(stored) != 0 {
		t.Errorf("stored %v", stored)
	}
	if got := value(s.Delivery(ctx, owed.ID))(t); got.Status != scout.DeliveryCancelled || got.Reason != scout.WebhookRemoved {
		t.Errorf("got %+v", got)
	}
	wantCode(t, m.DeleteWebhook(ctx, w.ID, 0), scout.NotFound)
}
