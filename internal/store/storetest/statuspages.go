package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var statusPages = map[string]func(*world){
	"a status page is kept":             statusPageRoundTrip,
	"a status page's slug is taken":     statusPageConflict,
	"a status page goes with its notes": statusPageDeleted,
	"notes are kept":                    statusNoteRoundTrip,
	"a note is taken off its page only": statusNoteDeleted,
	"outlines have nothing sealed":      outlines,
	"an incident's check is found":      checkOfIncident,
}

func sampleStatusPage(slug string) scout.StatusPage {
	return scout.StatusPage{
		Slug: slug, Title: "Our services", Intro: "How we are.", Access: scout.LinkAccess, Key: scout.NewPageKey(),
		Groups: []scout.StatusGroup{
			{Name: "Web", Match: scout.Match{Servers: []string{"web-1"}, Tags: []string{"prod"}, Checks: []string{"HTTP"}}},
			{Name: "All", Everything: true},
		},
		ShowAddresses: true, ShowMessages: true,
	}
}

func (w *world) saveStatusPage(p scout.StatusPage) scout.StatusPage {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.SaveStatusPage(&p) })
	return p
}

func (w *world) addNote(n scout.StatusNote) scout.StatusNote {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.AddStatusNote(&n) })
	return n
}

func statusPageRoundTrip(w *world) {
	p := w.saveStatusPage(sampleStatusPage("ours"))
	other := w.saveStatusPage(sampleStatusPage("others"))
	w.allSet(p)
	w.reopen()
	w.equal("the page", get(w, w.store.StatusPage, p.ID), p)
	w.equal("the page at its slug", get(w, w.store.StatusPageAt, "ours"), p)

	w.clock.move(time.Hour)
	p.Slug, p.Access, p.Key, p.ShowMessages, p.Groups = "renamed", scout.PublicAccess, "", false, p.Groups[:1]
	p = w.saveStatusPage(p)
	if p.Revision != 2 || !p.UpdatedAt.Equal(w.clock.Now()) {
		w.Errorf("after a change the page is of revision %d, changed at %s", p.Revision, p.UpdatedAt)
	}
	w.equal("the changed page", get(w, w.store.StatusPage, p.ID), p)
	_, err := w.store.StatusPageAt(w.Context(), "ours")
	w.code(err, scout.NotFound)

	for _, tt := range []struct {
		filter scout.StatusPageFilter
		limit  int
		want   []scout.StatusPage
	}{
		{scout.StatusPageFilter{}, 9, []scout.StatusPage{p, other}},
		{scout.StatusPageFilter{}, 1, []scout.StatusPage{p}},
		{scout.StatusPageFilter{After: p.ID}, 9, []scout.StatusPage{other}},
		{scout.StatusPageFilter{Slug: "others"}, 9, []scout.StatusPage{other}},
		{scout.StatusPageFilter{Slug: "nobody's"}, 9, []scout.StatusPage{}},
	} {
		list, err := w.store.ListStatusPages(w.Context(), tt.filter, tt.limit)
		w.ok(err)
		w.equal("the list", list, tt.want)
	}
}

func statusPageConflict(w *world) {
	first := w.saveStatusPage(sampleStatusPage("ours"))
	second := sampleStatusPage("ours")
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.SaveStatusPage(&second) }), scout.Conflict)
	second = w.saveStatusPage(sampleStatusPage("others"))
	second.Slug = first.Slug
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.SaveStatusPage(&second) }), scout.Conflict)
}

func statusPageDeleted(w *world) {
	p := w.saveStatusPage(sampleStatusPage("ours"))
	w.addNote(scout.StatusNote{PageID: p.ID, Text: "x", Author: "ada"})
	w.update(func(tx *store.Tx) error { return tx.DeleteStatusPage(p.ID) })
	_, err := w.store.StatusPage(w.Context(), p.ID)
	w.code(err, scout.NotFound)
	notes, err := w.store.ListStatusNotes(w.Context(), scout.StatusNoteFilter{PageID: p.ID}, 9)
	w.ok(err)
	w.equal("the notes of a page that is gone", notes, []scout.StatusNote{})
}

func statusNoteRoundTrip(w *world) {
	p, other := w.saveStatusPage(sampleStatusPage("ours")), w.saveStatusPage(sampleStatusPage("others"))
	first := w.addNote(scout.StatusNote{PageID: p.ID, IncidentID: "17", Text: "We are on it.", Author: "ada"})
	w.allSet(first)
	w.clock.move(time.Minute)
	second := w.addNote(scout.StatusNote{PageID: p.ID, Text: "All quiet.", Author: "ada"})
	w.addNote(scout.StatusNote{PageID: other.ID, IncidentID: "17", Text: "Elsewhere.", Author: "ada"})
	w.reopen()
	for _, tt := range []struct {
		filter scout.StatusNoteFilter
		limit  int
		want   []scout.StatusNote
	}{
		{scout.StatusNoteFilter{PageID: p.ID}, 9, []scout.StatusNote{second, first}},
		{scout.StatusNoteFilter{PageID: p.ID}, 1, []scout.StatusNote{second}},
		{scout.StatusNoteFilter{PageID: p.ID, Before: second.ID}, 9, []scout.StatusNote{first}},
		{scout.StatusNoteFilter{PageID: p.ID, IncidentID: "17"}, 9, []scout.StatusNote{first}},
		{scout.StatusNoteFilter{PageID: p.ID, IncidentID: "18"}, 9, []scout.StatusNote{}},
	} {
		list, err := w.store.ListStatusNotes(w.Context(), tt.filter, tt.limit)
		w.ok(err)
		w.equal("the notes", list, tt.want)
	}
}

func statusNoteDeleted(w *world) {
	p, other := w.saveStatusPage(sampleStatusPage("ours")), w.saveStatusPage(sampleStatusPage("others"))
	n := w.addNote(scout.StatusNote{PageID: p.ID, Text: "x", Author: "ada"})
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.DeleteStatusNote(other.ID, n.ID) }), scout.NotFound)
	w.update(func(tx *store.Tx) error { return tx.DeleteStatusNote(p.ID, n.ID) })
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.DeleteStatusNote(p.ID, n.ID) }), scout.NotFound)
}

func checkOfIncident(w *world) {
	id := scout.NewIncidentID(w.clock.Now())
	w.update(func(tx *store.Tx) error {
		return tx.SaveIncident(scout.Incident{ID: id, CheckID: 42, Opened: w.clock.Now()})
	})
	w.update(func(tx *store.Tx) error {
		in, err := tx.Incident(id)
		if in.CheckID != 42 {
			w.Errorf("the check is %d", in.CheckID)
		}
		return err
	})
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error {
		_, err := tx.Incident("1")
		return err
	}), scout.NotFound)
}

func outlines(w *world) {
	web, db := w.server("web-1"), w.server("db-1")
	later, first := w.check(web.ID, "SSH"), w.check(web.ID, "HTTP")
	first.Paused, first.ParentID = true, later.ID
	w.update(func(tx *store.Tx) error { return tx.SaveCheck(&first) })
	other := w.check(db.ID, "Postgres")
	got, err := w.store.Outlines(w.Context())
	w.ok(err)
	outline := func(s scout.Server, c scout.Check) scout.Target {
		return scout.Target{
			Server: scout.Server{ID: s.ID, Name: s.Name, IP: s.IP, Tags: s.Tags},
			Check:  scout.Check{ID: c.ID, ServerID: s.ID, Name: c.Name, Kind: c.Kind, ParentID: c.ParentID, Paused: c.Paused},
		}
	}
	w.equal("the outlines", got, []scout.Target{outline(db, other), outline(web, first), outline(web, later)})
}
