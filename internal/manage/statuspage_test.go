package manage_test

import (
	"strings"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// oneGroup is a list of one group, which has all checks.
var oneGroup = []any{object{"name": "All", "everything": true}}

func TestParseStatusPage(t *testing.T) {
	t.Parallel()
	p, err := manage.ParseStatusPage(object{
		"title": "Our Services: EU", "intro": " How we are. ", "access": "link", "show_messages": true,
		"groups": []any{
			object{"name": "Web", "match": object{"servers": []any{"web-1"}, "tags": []any{"prod"}, "checks": []any{"HTTP"}}},
			object{"name": "All", "everything": true},
		},
	})
	must(t, err)
	want := scout.StatusPage{
		Slug: "our-services-eu", Title: "Our Services: EU", Intro: "How we are.", Access: scout.LinkAccess, ShowMessages: true,
		Groups: []scout.StatusGroup{
			{Name: "Web", Match: scout.Match{Servers: []string{"web-1"}, Tags: []string{"prod"}, Checks: []string{"HTTP"}}},
			{Name: "All", Everything: true},
		},
	}
	equal(t, "page", p, want)
	again, err := manage.ParseStatusPage(viaJSON(t, manage.DescribeStatusPage(p)))
	must(t, err)
	equal(t, "what was described", again, p)
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Our Services": "our-services", "  --A  b__c!": "a-b-c", "ops": "ops", "Größe 2": "gr-e-2", "服务": "", "": "",
		strings.Repeat("ab ", 40): strings.TrimSuffix(strings.Repeat("ab-", 21), "-") + "-" + "a",
	} {
		if got := manage.Slug(title); got != want {
			t.Errorf("slug of %q = %q, want %q", title, got, want)
		}
		if got := manage.Slug(manage.Slug(title)); got != manage.Slug(title) {
			t.Errorf("the slug of the slug of %q is %q", title, got)
		}
	}
}

func TestStatusPageFaults(t *testing.T) {
	t.Parallel()
	page := object{"title": "A", "groups": oneGroup}
	group := func(keys object) object { return object{"groups": []any{keys}} }
	for name, tt := range map[string]struct {
		keys  object
		wants []string
	}{
		"nothing":                 {object{"title": nil, "groups": nil}, []string{"title", "groups"}},
		"blank title":             {object{"title": " "}, []string{"title", "slug"}},
		"a title without a-z":     {object{"title": "服务"}, []string{"slug"}},
		"slug":                    {object{"slug": "Not so"}, []string{"slug"}},
		"slug with a hyphen":      {object{"slug": "a-"}, []string{"slug"}},
		"slug with two hyphens":   {object{"slug": "a--b"}, []string{"slug"}},
		"slug as a path":          {object{"slug": "../x"}, []string{"slug"}},
		"long slug":               {object{"slug": strings.Repeat("a", 65)}, []string{"slug"}},
		"long intro":              {object{"intro": strings.Repeat("a", 4001)}, []string{"intro"}},
		"access":                  {object{"access": "all"}, []string{"access"}},
		"unknown key":             {object{"key": "x"}, []string{"key"}},
		"no groups":               {object{"groups": []any{}}, []string{"groups"}},
		"too many groups":         {object{"groups": make([]any, 101)}, []string{"groups"}},
		"groups of another type":  {object{"groups": object{}}, []string{"groups"}},
		"a group of another type": {object{"groups": []any{"web"}}, []string{"groups[0]"}},
		"a group with nothing":    {group(object{}), []string{"groups[0].name", "groups[0].match"}},
		"an unknown key in one":   {group(object{"name": "A", "everything": true, "tags": []any{"a"}}), []string{"groups[0].tags"}},
		"everything and a match":  {group(object{"name": "A", "everything": true, "match": object{"tags": []any{"a"}}}), []string{"groups[0].everything"}},
		"a blank name":            {group(object{"name": "A", "match": object{"tags": []any{"a", " "}}}), []string{"groups[0].match.tags[1]"}},
		"the second group":        {object{"groups": append(append([]any{}, oneGroup...), object{"name": "B"})}, []string{"groups[1].match"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manage.ParseStatusPage(with(page, tt.keys))
			wantFaults(t, err, tt.wants...)
		})
	}
}

func TestStatusPageKey(t *testing.T) {
	t.Parallel()
	m, _ := setup(t)
	p := value(m.CreateStatusPage(t.Context(), object{"title": "A", "groups": oneGroup}))(t)
	if p.Key != "" {
		t.Errorf("a public page has the key %q", p.Key)
	}
	change := func(patch object) scout.StatusPage {
		return value(m.ChangeStatusPage(t.Context(), p.ID, manage.AnyRevision, patch))(t)
	}
	first := change(object{"access": "link"}).Key
	if len(first) != 26 || change(object{"title": "B"}).Key != first {
		t.Errorf("the key %q does not stay", first)
	}
	if got := change(object{"access": "public"}); got.Key != "" || got.Slug != "a" {
		t.Errorf("page = %+v", got)
	}
	if second := change(object{"access": "link"}).Key; second == first || second == "" {
		t.Errorf("the key is %q as before", second)
	}
	if got := change(object{"slug": nil}); got.Slug != "b" {
		t.Errorf("slug = %q, want that of the title", got.Slug)
	}
}

func TestStatusPageRevision(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	p := value(m.CreateStatusPage(t.Context(), object{"title": "A", "groups": oneGroup}))(t)
	_, err := m.ChangeStatusPage(t.Context(), p.ID, 2, object{"title": "B"})
	wantCode(t, err, scout.Changed)
	wantCode(t, m.DeleteStatusPage(t.Context(), p.ID, 2), scout.Changed)
	must(t, m.DeleteStatusPage(t.Context(), p.ID, 1))
	wantCode(t, m.DeleteStatusPage(t.Context(), p.ID, 1), scout.NotFound)
	_, err = m.ChangeStatusPage(t.Context(), p.ID, 1, object{})
	wantCode(t, err, scout.NotFound)
	_, err = s.StatusPage(t.Context(), p.ID)
	wantCode(t, err, scout.NotFound)
}

func TestStatusNotes(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	web := value(m.CreateServer(t.Context(), object{"name": "web", "tags": []any{"prod"}}))(t)
	db := value(m.CreateServer(t.Context(), object{"name": "db"}))(t)
	check := func(server int64) int64 {
		return value(m.CreateCheck(t.Context(), server, object{"kind": "tcp", "target": "a:1"}))(t).ID
	}
	now := time.Date(2024, 1, 15, 11, 0, 0, 0, time.UTC)
	incident := func(check int64) string {
		in := scout.Incident{ID: scout.NewIncidentID(now), CheckID: check, Server: "another name", Opened: now}
		must(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveIncident(in) }))
		return in.ID
	}
	p := value(m.CreateStatusPage(t.Context(), object{"title": "A", "groups": []any{object{"name": "P", "match": object{"tags": []any{"prod"}}}}}))(t)
	add := func(keys object) (scout.StatusNote, error) { return m.AddStatusNote(t.Context(), p.ID, "ada", keys) }

	n := value(add(object{"text": " On it. ", "incident_id": incident(check(web.ID))}))(t)
	if n.ID == 0 || n.Text != "On it." || n.Author != "ada" || n.PageID != p.ID || n.At.IsZero() {
		t.Errorf("note = %+v", n)
	}
	value(add(object{"text": "Of the page."}))(t)
	for name, tt := range map[string]struct {
		keys  object
		fault string
	}{
		"no text":                  {object{}, "text"},
		"blank text":               {object{"text": " \n"}, "text"},
		"long text":                {object{"text": strings.Repeat("x", 4001)}, "text"},
		"an incident elsewhere":    {object{"text": "x", "incident_id": incident(check(db.ID))}, "incident_id"},
		"an incident of no check":  {object{"text": "x", "incident_id": incident(99)}, "incident_id"},
		"an incident that is none": {object{"text": "x", "incident_id": "1"}, "incident_id"},
		"an author of its own":     {object{"text": "x", "author": "bob"}, "author"},
	} {
		_, err := add(tt.keys)
		if t.Run(name, func(t *testing.T) { wantFaults(t, err, tt.fault) }); t.Failed() {
			break
		}
	}
	_, err := m.AddStatusNote(t.Context(), 99, "ada", object{"text": "x"})
	wantCode(t, err, scout.NotFound)
	wantCode(t, m.DeleteStatusNote(t.Context(), 99, n.ID), scout.NotFound)
	must(t, m.DeleteStatusNote(t.Context(), p.ID, n.ID))
	wantCode(t, m.DeleteStatusNote(t.Context(), p.ID, n.ID), scout.NotFound)
}
