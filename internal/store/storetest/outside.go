package storetest

import (
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var outsideAlerts = map[string]func(*world){
	"a check is as bad as its worst alert":        worstAlert,
	"an alert is found by its id":                 alertChecks,
	"alerts go with their check":                  alertsGo,
	"servers and checks are found by name":        foundByName,
	"a revision counts the changes of one object": revisions,
}

// alert sets an alert and returns what the check is by then.
func (w *world) alert(check int64, id string, level scout.Level, message string) (now scout.Level, says string) {
	w.Helper()
	w.update(func(tx *store.Tx) (err error) {
		now, says, err = tx.SetAlert(check, id, level, message)
		return err
	})
	return now, says
}

func worstAlert(w *world) {
	c := w.check(w.server("web").ID, "External")
	other := w.check(c.ServerID, "Other")
	w.alert(other.ID, "a", scout.Down, "another check's")
	for i, s := range []struct {
		id      string
		level   scout.Level
		message string
		want    scout.Level
		says    string
	}{
		{"a", scout.Warning, "slow", scout.Warning, "slow"},
		{"b", scout.Down, "gone", scout.Down, "gone"},
		{"a", scout.Warning, "slower", scout.Down, "gone"},
		{"c", scout.Down, "gone too", scout.Down, "gone too"}, // of equals, the one it is about
		{"b", scout.Up, "back", scout.Down, "gone too"},
		{"unknown", scout.Up, "fine", scout.Down, "gone too"},
		{"c", scout.Warning, "limps", scout.Warning, "limps"},
		{"c", scout.Up, "back", scout.Warning, "slower"},
		{"a", scout.Up, "quick", scout.Up, "quick"},
		{"", scout.Down, "nameless", scout.Down, "nameless"},
		{"late name", scout.Up, "fine", scout.Up, "fine"},
		{"a", scout.Down, "1", scout.Down, "1"},
		{"b", scout.Down, "2", scout.Down, "2"},
		{"", scout.Up, "all is well", scout.Up, "all is well"},
	} {
		if level, says := w.alert(c.ID, s.id, s.level, s.message); level != s.want || says != s.says {
			w.Errorf("step %d: %s, %q; want %s, %q", i, level, says, s.want, s.says)
		}
		if i == 4 {
			w.reopen()
		}
	}
}

func alertChecks(w *world) {
	s := w.server("web")
	a, b := w.check(s.ID, "a"), w.check(s.ID, "b")
	w.alert(a.ID, "1", scout.Down, "")
	w.alert(b.ID, "1", scout.Warning, "")
	w.alert(b.ID, "2", scout.Warning, "")
	of := func(id string) (ids []int64) {
		w.update(func(tx *store.Tx) (err error) {
			ids, err = tx.AlertChecks(id)
			return err
		})
		return ids
	}
	w.equal("checks of alert 1", of("1"), []int64{a.ID, b.ID})
	w.alert(a.ID, "1", scout.Up, "")
	w.equal("checks of alert 1 after one ended", of("1"), []int64{b.ID})
	w.equal("checks of an unknown alert", of("3"), []int64{})
}

func alertsGo(w *world) {
	c := w.check(w.server("web").ID, "a")
	w.alert(c.ID, "1", scout.Down, "")
	w.update(func(tx *store.Tx) error {
		if err := tx.DeleteCheck(c.ID); err != nil {
			return err
		}
		ids, err := tx.AlertChecks("1")
		w.equal("checks", ids, []int64{})
		return err
	})
}

func foundByName(w *world) {
	s, t := w.server("web"), w.server("db")
	c := w.check(s.ID, "HTTP")
	w.check(t.ID, "HTTP")
	w.update(func(tx *store.Tx) error {
		server, err := tx.ServerNamed("web")
		if err != nil {
			return err
		}
		w.equal("server", server, s)
		check, err := tx.CheckNamed(s.ID, "HTTP")
		if err != nil {
			return err
		}
		w.equal("check", check, c)
		_, err = tx.ServerNamed("WEB")
		w.code(err, scout.NotFound)
		_, err = tx.CheckNamed(s.ID, "TCP")
		w.code(err, scout.NotFound)
		return nil
	})
}

func revisions(w *world) {
	s, h := w.server("web"), w.webhook("ops")
	c := w.check(s.ID, "HTTP")
	bystander := w.server("db")
	w.equal("the first revisions", []int64{s.Revision, c.Revision, h.Revision}, []int64{1, 1, 1})
	w.update(func(tx *store.Tx) error {
		for range 2 {
			if err := tx.SaveServer(&s); err != nil {
				return err
			}
			if err := tx.SaveCheck(&c); err != nil {
				return err
			}
			if err := tx.SaveWebhook(&h); err != nil {
				return err
			}
		}
		return nil
	})
	w.equal("the revisions", []int64{s.Revision, c.Revision, h.Revision}, []int64{3, 3, 3})
	w.reopen()
	w.equal("those on disk", []int64{
		get(w, w.store.Server, s.ID).Revision, get(w, w.store.Check, c.ID).Revision, get(w, w.store.Webhook, h.ID).Revision,
	}, []int64{3, 3, 3})
	w.equal("a bystander's", get(w, w.store.Server, bystander.ID).Revision, int64(1))
}
