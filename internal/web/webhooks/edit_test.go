package webhooks_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// filled is a form of a new webhook as it is at first, with some values.
func (r *rig) filled(pairs ...string) url.Values {
	r.Helper()
	form := r.get(settings + "/new").is(200).form("webhook")
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// TestEveryTarget sets each target up as a person does: paste the URL, fill in
// what appears, test, save and test again. The strict fake of the target takes
// the messages.
func TestEveryTarget(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		url, format string // as typed
		fields      map[string]string
		receiver    http.Handler
		title       string
		recognised  bool
		name        string // suggested
	}{
		"native":    {"https://hooks.example.com/alerts", "auto", nil, &fake.Native{}, "Native JSON", false, "hooks.example.com"},
		"slack":     {"https://hooks.slack.com" + fake.SlackServicePath, "auto", nil, &fake.Slack{}, "Slack", true, "Slack"},
		"discord":   {"https://discord.com" + fake.DiscordPath, "auto", map[string]string{"username": "Scout"}, &fake.Discord{}, "Discord", true, "Discord"},
		"teams":     {"https://example.webhook.office.com" + fake.TeamsConnectorURI, "auto", nil, &fake.TeamsConnector{}, "Microsoft Teams", true, "Microsoft Teams"},
		"pagerduty": {"https://events.pagerduty.com" + fake.PagerDutyPath, "auto", map[string]string{"routing_key": "0123456789abcdef0123456789abcdef"}, &fake.PagerDuty{}, "PagerDuty", true, "PagerDuty"},
		"telegram":  {"https://api.telegram.org" + fake.TelegramBotPath + "/sendMessage", "auto", map[string]string{"chat_id": "-1001234567890", "thread_id": "42"}, &fake.Telegram{}, "Telegram", true, "Telegram"},
		"ntfy":      {"https://ntfy.sh/alerts-x7k2m9", "auto", nil, &fake.Ntfy{}, "ntfy", true, "ntfy"},
		"gotify":    {"https://push.example.com/message", "gotify", map[string]string{"token": fake.GotifyToken}, &fake.Gotify{}, "Gotify", false, "Gotify"},
		"mattermost": {
			"https://chat.example.com" + fake.MattermostPath, "mattermost",
			map[string]string{"channel": "alerts"},
			&fake.Mattermost{}, "Mattermost", false, "Mattermost",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			u, err := url.Parse(tt.url)
			r.ok(err)
			r.receives(u.Hostname(), tt.receiver)

			form := r.filled("url", tt.url, "format", tt.format)
			part := r.part(settings+"/fields", form).is(200)
			if strings.Contains(part.text(), "Recognised: "+tt.title) != tt.recognised || !strings.Contains(part.text(), "Left empty: "+tt.name+".") {
				t.Errorf("the part says %s", part.text())
			}
			for _, field := range slices.Sorted(maps.Keys(tt.fields)) {
				part.one("input", "name="+field)
				form.Set(field, tt.fields[field])
			}
			r.part(settings+"/test", form).is(200).says("unsaved webhook took the test message", "Status code 20", "delivery 1")
			r.part(settings+"/preview", form).is(200).says("web-server-01")

			r.post(settings+"/new", form).leads(settings + "/1")
			w := r.stored(1)
			if w.Name != tt.name || w.Format != tt.format || w.AlertTypes != scout.AllAlerts || w.Source != scout.FromDatabase {
				t.Errorf("stored is %+v", w)
			}
			saved := r.get(settings + "/1").is(200).says(tt.name)
			r.part(settings+"/test", saved.form("webhook")).is(200).says(tt.name + " took the test message")
			r.get(settings).is(200).says(tt.title, "Well")
		})
	}
}

// TestFieldsStay answers with no content while the target is the same, because
// a part that is drawn anew loses what is being typed in it.
func TestFieldsStay(t *testing.T) {
	t.Parallel()
	r := setup(t)
	form := r.filled("url", "https://api.telegram.org"+fake.TelegramBotPath)
	part := r.part(settings+"/fields", form).is(200)
	form.Set("form-shown", attr(part.one("input", "name=form-shown"), "value"))
	form.Set("chat_id", "-100")
	form.Set("name", "on call")
	r.part(settings+"/fields", form).is(204)
	form.Set("format", "ntfy")
	r.part(settings+"/fields", form).is(200).one("input", "name=topic")
}

// TestContinue is what a browser without JavaScript does in the place of a part
// that is drawn: the whole form again, with what was typed.
func TestContinue(t *testing.T) {
	t.Parallel()
	r := setup(t)
	form := r.filled("url", "https://api.telegram.org"+fake.TelegramBotPath, "name", "on call", "preview", "warning", "json", "yes")
	form["alert_types"] = []string{"critical"}
	form["header-name"], form["header-value"] = []string{"X-Key", "", ""}, []string{"hunter22", "", ""}
	form["match.servers"] = []string{"web-01", ""}
	page := r.post(settings+"/fields", form).is(200).says("Recognised: Telegram").hides("hunter22")
	again := page.form("webhook")
	for name, want := range map[string]string{
		"url": form.Get("url"), "name": "on call", "preview": "warning", "json": "yes", "header-name": "X-Key", "header-value": "", "match.servers": "web-01",
	} {
		if got := again.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := again["alert_types"]; !slices.Equal(got, []string{"critical"}) {
		t.Errorf("the alert types are %v", got)
	}
	page.says("type it again").one("input", "name=chat_id")
	if n := len(again["header-name"]); n != 4 {
		t.Errorf("%d rows for headers, want one and three empty ones", n)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.webhook(map[string]any{"name": "ops", "url": "https://example.com/"})
	for name, tt := range map[string]struct {
		change func(url.Values)
		field  string // "" for the form as a whole
		says   string
	}{
		"no URL":           {func(f url.Values) { f.Set("url", " ") }, "url", "the URL is empty"},
		"not a URL":        {func(f url.Values) { f.Set("url", "hunter") }, "url", "http"},
		"a name taken":     {func(f url.Values) { f.Set("name", "ops") }, "name", "already"},
		"a long name":      {func(f url.Values) { f.Set("name", strings.Repeat("ü", 501)) }, "name", "500"},
		"a strange format": {func(f url.Values) { f.Set("format", "pigeon") }, "format", "must be one of"},
		"no alert type":    {func(f url.Values) { f.Del("alert_types") }, "alert_types", "at least one"},
		"a bad header":     {func(f url.Values) { f["header-name"], f["header-value"] = []string{"a b"}, []string{"hunter22"} }, "headers.a b", "not a header name"},
		"a header twice": {func(f url.Values) {
			f["header-name"], f["header-value"] = []string{"A", "a"}, []string{"hunter22", "2"}
		}, "headers.a", "twice"},
		"a header's name":   {func(f url.Values) { f["header-name"], f["header-value"] = []string{"A"}, nil }, "headers.A", "needs a value"},
		"a header's value":  {func(f url.Values) { f["header-name"], f["header-value"] = []string{""}, []string{"hunter22"} }, "headers.", "needs the name"},
		"a masked header":   {func(f url.Values) { f["header-name"], f["header-value"] = []string{"A"}, []string{scout.Masked} }, "headers.A", "give the secret itself"},
		"a setting missing": {func(f url.Values) { f.Set("format", "gotify") }, "token", "needs the token"},
		"not a number": {func(f url.Values) {
			f.Set("format", "telegram")
			f.Set("url", "https://api.telegram.org"+fake.TelegramBotPath+"/sendMessage?chat_id=1")
			f.Set("thread_id", "x")
		}, "thread_id", "whole number"},
		"many filters": {func(f url.Values) { f["match.tags"] = slices.Repeat([]string{"a"}, 1001) }, "match.tags", "1000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := r.filled("url", "https://hooks.example.com/x", "name", "dev "+name)
			tt.change(form)
			for _, path := range []string{settings + "/test", settings + "/diagnose"} {
				if name != "a name taken" && name != "many filters" { // a test needs no name of its own, and a part has 1000 values at most
					on(t, r.part(path, form)).is(422).says(tt.says).hides("hunter22")
				}
			}
			page := on(t, r.post(settings+"/new", form)).is(422).says(tt.says).hides("hunter22")
			again := page.form("webhook")
			for _, key := range []string{"url", "name"} {
				if again.Get(key) != strings.TrimSpace(form.Get(key)) {
					t.Errorf("%s is %q now, and was %q", key, again.Get(key), form.Get(key))
				}
			}
			switch {
			case strings.HasPrefix(tt.field, "headers."):
				if len(page.all("input", "name=header-name", "aria-invalid=true")) == 0 {
					t.Error("the header is not marked")
				}
			case tt.field == "alert_types" || strings.HasPrefix(tt.field, "match."):
				page.one("fieldset", "aria-describedby="+tt.field+"-error")
			default:
				if _, wrong := page.field(tt.field); !strings.Contains(wrong, tt.says) {
					t.Errorf("beside %s stands %q", tt.field, wrong)
				}
			}
		})
	}
	t.Cleanup(func() {
		if all, err := r.store.FindWebhooks(context.Background(), scout.WebhookFilter{}, 10); err != nil || len(all) != 1 {
			t.Errorf("%d webhooks are stored, and no error but %v", len(all), err)
		}
	})
}

// TestSuggestedNameIsFree numbers a name that another webhook has.
func TestSuggestedNameIsFree(t *testing.T) {
	t.Parallel()
	r := setup(t)
	form := r.filled("url", "https://hooks.slack.com"+fake.SlackServicePath)
	for _, want := range []string{"Slack", "Slack 2", "Slack 3"} {
		r.post(settings+"/new", form).is(303)
		if all, err := r.store.FindWebhooks(t.Context(), scout.WebhookFilter{Name: want}, 1); err != nil || len(all) != 1 {
			t.Errorf("there is no webhook %q: %v", want, err)
		}
	}
}

// TestChange saves a webhook's form as it is, and then with each kind of change.
func TestChange(t *testing.T) {
	t.Parallel()
	whole := map[string]any{
		"url": "https://hooks.example.com/a?key=hunter22", "format": "ntfy", "topic": "hunter23", "token": "hunter24",
		"headers": map[string]any{"X-Key": "hunter25", "X-Other": "hunter26"}, "match": map[string]any{"servers": []any{"web-01"}, "tags": []any{"prod"}},
		"alert_types": []any{"critical", "warning"}, "secret": "whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl",
	}
	for name, tt := range map[string]struct {
		change func(url.Values)
		want   func(*scout.Webhook)
	}{
		"nothing": {func(url.Values) {}, func(*scout.Webhook) {}},
		"the name": {
			func(f url.Values) { f.Set("name", "renamed") },
			func(w *scout.Webhook) { w.Name = "renamed" },
		},
		"a header anew, one away": {
			func(f url.Values) { f["header-name"], f["header-value"] = []string{"X-Key"}, []string{"new"} },
			func(w *scout.Webhook) { w.Headers = []scout.Header{{Name: "X-Key", Value: scout.NewSecret("new")}} },
		},
		"a header's name emptied": {
			func(f url.Values) { f["header-name"][1] = "" },
			func(w *scout.Webhook) { w.Headers = w.Headers[:1] },
		},
		"a setting emptied": {
			func(f url.Values) { f.Set("token", "") },
			func(w *scout.Webhook) { w.Settings = scout.Settings{"topic": "hunter23"} },
		},
		"another format": {
			func(f url.Values) { f.Set("format", "native") },
			func(w *scout.Webhook) { w.Format, w.Settings = "native", scout.Settings{} },
		},
		"a format with a setting of that name": {
			func(f url.Values) {
				f.Set("format", "gotify")
				f.Set("token", "hunter27")
			},
			func(w *scout.Webhook) { w.Format, w.Settings = "gotify", scout.Settings{"token": "hunter27"} },
		},
		"filters": {
			func(f url.Values) {
				f.Del("match.servers")
				f["match.checks"] = []string{"HTTP", " web-01/SSH "}
			},
			func(w *scout.Webhook) {
				w.Match = scout.Match{Tags: []string{"prod"}, Checks: []string{"HTTP", "web-01/SSH"}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			keys := maps.Clone(whole)
			keys["name"] = "ops"
			old := r.webhook(keys)
			path := fmt.Sprintf("%s/%d", settings, old.ID)
			page := r.get(path).is(200).hides("hunter2", "whsec_")
			form := page.form("webhook")
			tt.change(form)
			r.post(path, form).leads(path)
			want := old
			tt.want(&want)
			same(t, r.stored(old.ID), want)
		})
	}
}

// TestSecretsStayWithTheirFormat does not hand one target's token to another
// whose field has the same name.
func TestSecretsStayWithTheirFormat(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.webhook(map[string]any{"name": "ops", "url": "https://hooks.example.com/a", "format": "ntfy", "topic": "alerts", "token": "hunter24"})
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	form := r.get(path).form("webhook")
	form.Set("format", "gotify")
	part := r.part(settings+"/fields", form).is(200)
	if token, _ := part.field("token"); token != "" {
		t.Errorf("the token is %q", token)
	}
	page := r.post(path, form).is(422)
	if token, wrong := page.field("token"); token != "" || wrong == "" {
		t.Errorf("the token is %q, with the error %q", token, wrong)
	}
}

// same compares what is configured, secrets included.
func same(t *testing.T, got, want scout.Webhook) {
	t.Helper()
	if got.Name != want.Name || got.URL != want.URL || got.Format != want.Format || got.AlertTypes != want.AlertTypes ||
		!slices.Equal(got.Headers, want.Headers) || got.Secret != want.Secret || got.PreviousSecret != want.PreviousSecret ||
		!maps.Equal(got.Settings, want.Settings) || !slices.Equal(got.Match.Servers, want.Match.Servers) ||
		!slices.Equal(got.Match.Tags, want.Match.Tags) || !slices.Equal(got.Match.Checks, want.Match.Checks) {
		t.Errorf("stored is %+v %v, want %+v %v", got, map[string]any(got.Settings), want, map[string]any(want.Settings))
	}
}

// TestAnotherHost asks for what was stored for the old host, and makes a new
// signing secret if told so.
func TestAnotherHost(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.webhook(map[string]any{
		"name": "ops", "url": "https://a.example.com/", "headers": map[string]any{"X-Key": "hunter25"}, "format": "gotify", "token": "hunter24",
		"secret": "whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl",
	})
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	form := r.get(path).form("webhook")
	form.Set("url", "https://b.example.com/")
	page := r.post(path, form).is(422).hides("hunter2")
	if _, wrong := page.field("token"); !strings.Contains(wrong, "host has changed") {
		t.Errorf("beside the token stands %q", wrong)
	}
	if len(page.all("input", "name=header-name", "aria-invalid=true")) != 1 {
		t.Error("the header is not marked")
	}
	form.Set("token", "other")
	form["header-value"] = []string{"other"}
	page = r.post(path, form).is(422)
	page.one("input", "name=form-sign")
	form.Set("form-sign", "yes")
	r.post(path, form).is(200).says("Signing secret of ops", "not shown again", "whsec_")
	if got := r.stored(w.ID); got.DisplayURL != "https://b.example.com/" || got.Secret.Empty() || got.Secret == w.Secret || !got.PreviousSecret.Empty() {
		t.Errorf("stored is %+v", got)
	}
}

// TestSomebodyElseChangedIt saves a form that is older than the webhook.
func TestSomebodyElseChangedIt(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.webhook(map[string]any{"name": "ops", "url": "https://example.com/"})
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	form := r.get(path).form("webhook")
	r.post(path, form).is(303)
	form.Set("name", "mine")
	page := r.post(path, form).is(422).says("changed meanwhile")
	if name, _ := page.field("name"); name != "mine" || r.stored(w.ID).Name != "ops" {
		t.Errorf("the form has %q", name)
	}
	form.Del("form-revision")
	r.post(path, form).is(422).says("open the webhook again")
}

// TestSignedFromTheStart shows the secret of a new webhook, once.
func TestSignedFromTheStart(t *testing.T) {
	t.Parallel()
	r := setup(t)
	page := r.post(settings+"/new", r.filled("url", "https://example.com/", "form-sign", "yes")).is(200)
	shown := textOf(page.one("pre", "id=signing-secret"))
	if !strings.HasPrefix(shown, "whsec_") || r.stored(1).Secret != scout.NewSecret(shown) {
		t.Errorf("shown is %q", shown)
	}
	r.get(settings+"/1").is(200).says("Requests are signed").hides(shown, "whsec_")
}
