package webhooks_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// said is what the next page tells, of the last thing that was done.
func (r *rig) said() string {
	if len(r.told) == 0 {
		return ""
	}
	return r.told[len(r.told)-1].Title
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, w := range []scout.Webhook{r.webhook(map[string]any{"name": "ops", "url": "https://example.com/"}), r.declared("file", "http://192.168.1.9/")} {
		path := fmt.Sprintf("%s/%d", settings, w.ID)
		r.post(path+"/pause", nil).leads(settings)
		if !r.stored(w.ID).Paused || !strings.Contains(r.said(), "“"+w.Name+"” is paused") {
			t.Errorf("said was %q", r.said())
		}
		r.waits(w, 3)
		r.get(path).is(200).says("Paused", "Resume (3 waiting)", "Waiting 3 messages")
		r.post(path+"/resume", url.Values{"form-back": {"webhook"}}).leads(path)
		if r.stored(w.ID).Paused || !strings.Contains(r.said(), "3 messages") {
			t.Errorf("said was %q", r.said())
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.webhook(map[string]any{"name": "<ops>", "url": "https://example.com/"})
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	for _, says := range []string{"Nothing waits for it.", "1 delivery waits for it and is cancelled.", "2 deliveries wait for it and are cancelled."} {
		page := r.get(path+"/delete").is(200).says("Delete webhook “<ops>”?", says)
		page.one("form", "action="+path+"/delete", "method=post")
		r.waits(w, 1)
	}
	r.post(path+"/delete", nil).leads(settings)
	if _, err := r.store.Webhook(t.Context(), w.ID); !scout.HasCode(err, scout.NotFound) || r.said() != "Webhook “<ops>” is deleted" {
		t.Errorf("%v, said was %q", err, r.said())
	}
}

// TestSigningSecret makes one, rotates it, ends the old one, and stops signing.
func TestSigningSecret(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.webhook(map[string]any{"name": "ops", "url": "https://example.com/"})
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	rotate := func() (shown string) {
		page := r.get(path).is(200)
		revision := attr(page.all("input", "name=form-revision")[0], "value")
		page = r.post(path+"/rotate", url.Values{"form-revision": {revision}}).is(200).says("not shown again")
		r.post(path+"/rotate", url.Values{"form-revision": {revision}}).is(409) // as when the page is loaded again
		return textOf(page.one("pre", "id=signing-secret"))
	}
	first := rotate()
	if got := r.stored(w.ID); got.Secret != scout.NewSecret(first) || !got.PreviousSecret.Empty() {
		t.Errorf("stored is %+v", got)
	}
	second := rotate()
	if got := r.stored(w.ID); got.Secret != scout.NewSecret(second) || got.PreviousSecret != scout.NewSecret(first) {
		t.Errorf("stored is %+v", got)
	}
	page := r.get(path).says("The secret before signs as well").hides(first, second)
	r.get(attr(page.one("a", "href="+path+"/unsign?previous=1"), "href")).is(200).says("signed with the new secret alone").
		one("form", "action="+path+"/unsign?previous=1")
	r.post(path+"/unsign?previous=1", nil).leads(path)
	if got := r.stored(w.ID); got.Secret != scout.NewSecret(second) || !got.PreviousSecret.Empty() {
		t.Errorf("stored is %+v", got)
	}
	r.get(path+"/unsign").is(200).says("will have no signature").one("form", "action="+path+"/unsign")
	r.post(path+"/unsign", nil).leads(path)
	if got := r.stored(w.ID); !got.Secret.Empty() {
		t.Errorf("stored is %+v", got)
	}
	r.get(path).is(200).says("Requests are not signed")
	r.post(path+"/rotate", nil).is(422)
}

func TestUnknownWebhook(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, id := range []string{"99", "x", "0", "99999999999999999999"} {
		path := settings + "/" + id
		for _, get := range []string{path, path + "/delete", path + "/unsign"} {
			r.get(get).is(404)
		}
		for _, post := range []string{path, path + "/pause", path + "/resume", path + "/delete", path + "/unsign"} {
			r.post(post, nil).is(404)
		}
		r.post(path+"/rotate", url.Values{"form-revision": {"1"}}).is(404)
	}
}
