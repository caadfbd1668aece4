package terminal

import (
	"context"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// ListStatusPages prints status pages, oldest first.
func (s *Session) ListStatusPages(ctx context.Context, limit int) error {
	found, err := s.API.StatusPages(ctx, client.StatusPageFilter{}, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "status pages", []column[client.StatusPage]{
		{title: "ID", cell: func(v client.StatusPage) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "SLUG", cell: func(v client.StatusPage) string { return v.Slug }},
		{title: "TITLE", cell: func(v client.StatusPage) string { return v.Title }},
		{title: "ACCESS", cell: func(v client.StatusPage) string { return v.Access }},
		{title: "GROUPS", cell: groupNames},
		{title: "URL", cell: s.pageURL},
	})
}

func groupNames(v client.StatusPage) string {
	names := make([]string, 0, len(v.Groups))
	for _, g := range v.Groups {
		names = append(names, g.Name)
	}
	return strings.Join(names, ", ")
}

// pageURL is where a status page is, seen from here.
func (s *Session) pageURL(v client.StatusPage) string { return s.API.Base() + v.Path }

// ShowStatusPage prints a status page, and the notes on it.
func (s *Session) ShowStatusPage(ctx context.Context, ref string) error {
	v, err := s.statusPage(ctx, ref)
	if err != nil {
		return err
	}
	if err := printRecord(s, v.JSON, []string{"id", "title", "slug", "access", "path", "intro", "groups"}); err != nil || s.JSON {
		return err
	}
	notes, err := s.API.StatusNotes(ctx, v.Value.ID, client.StatusNoteFilter{}, 0)
	if err != nil || len(notes.Items) == 0 {
		return err
	}
	s.Screen.printf("\n")
	return printList(s, notes, "notes", []column[client.StatusNote]{
		{title: "NOTE", cell: func(v client.StatusNote) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "AT", cell: func(v client.StatusNote) string { return moment(v.At) }},
		{title: "AUTHOR", cell: func(v client.StatusNote) string { return v.Author }},
		{title: "INCIDENT", cell: func(v client.StatusNote) string { return v.IncidentID }},
		{title: "TEXT", cell: func(v client.StatusNote) string { return v.Text }},
	})
}

// StatusGroups reads groups of a status page, each "NAME=everything", or
// "NAME=" and what it names between commas: server:NAME, tag:TAG, check:NAME.
// The error is Invalid.
func StatusGroups(list []string) ([]any, error) {
	groups := make([]any, 0, len(list))
	var faults scout.Faults
	for _, text := range list {
		name, members, ok := strings.Cut(text, "=")
		if !ok {
			faults.Add("--group", text, "must be NAME=everything, or NAME= and what is in it, such as 'Web=tag:web,server:proxy-01'")
			continue
		}
		groups = append(groups, statusGroup(strings.TrimSpace(name), members, &faults))
	}
	return groups, faults.Err()
}

func statusGroup(name, members string, faults *scout.Faults) map[string]any {
	if strings.TrimSpace(members) == "everything" {
		return map[string]any{"name": name, "everything": true}
	}
	match := map[string]any{}
	for member := range strings.SplitSeq(members, ",") {
		kind, value, _ := strings.Cut(strings.TrimSpace(member), ":")
		switch kind {
		case "server", "tag", "check":
			key := kind + "s"
			before, _ := match[key].([]any)
			match[key] = append(before, strings.TrimSpace(value))
		default:
			faults.Add("--group", member, "must begin with server:, tag: or check:, or be everything alone")
		}
	}
	return map[string]any{"name": name, "match": match}
}

// AddStatusPage creates a status page from its keys.
func (s *Session) AddStatusPage(ctx context.Context, e Edits) error {
	keys, err := e.object(manage.StatusPageFields())
	if err != nil {
		return err
	}
	v, err := s.API.CreateStatusPage(ctx, keys)
	if err != nil {
		return err
	}
	return done(s, v, "Status page %s is added (id %d). It is at %s", v.Value.Slug, v.Value.ID, s.pageURL(v.Value))
}

// ChangeStatusPage changes the keys that edits name.
func (s *Session) ChangeStatusPage(ctx context.Context, ref string, e Edits) error {
	patch, err := e.object(manage.StatusPageFields())
	if err != nil {
		return err
	}
	v, err := s.statusPage(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = change(ctx, v.Value.ID, patch, s.API.StatusPage, s.API.ChangeStatusPage); err != nil {
		return err
	}
	return done(s, v, "Status page %s is changed. It is at %s", v.Value.Slug, s.pageURL(v.Value))
}

// DeleteStatusPage deletes a status page with its notes.
func (s *Session) DeleteStatusPage(ctx context.Context, ref string) error {
	v, err := s.statusPage(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteStatusPage(ctx, v.Value.ID); err != nil {
		return err
	}
	return s.gone("Status page %s is deleted, with its notes.", v.Value.Slug)
}

// AddStatusNote puts a note on a status page; of the page as a whole if
// incidentID is "".
func (s *Session) AddStatusNote(ctx context.Context, ref, incidentID, text string) error {
	v, err := s.statusPage(ctx, ref)
	if err != nil {
		return err
	}
	keys := map[string]any{"text": text}
	if incidentID != "" {
		keys["incident_id"] = incidentID
	}
	n, err := s.API.AddStatusNote(ctx, v.Value.ID, keys)
	if err != nil {
		return err
	}
	return done(s, n, "Note %d is on status page %s.", n.Value.ID, v.Value.Slug)
}

// DeleteStatusNote takes a note off a status page.
func (s *Session) DeleteStatusNote(ctx context.Context, ref string, id int64) error {
	v, err := s.statusPage(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteStatusNote(ctx, v.Value.ID, id); err != nil {
		return err
	}
	return s.gone("Note %d is no longer on status page %s.", id, v.Value.Slug)
}

// statusPage finds a status page by its id or slug.
func (s *Session) statusPage(ctx context.Context, ref string) (client.Answer[client.StatusPage], error) {
	a, found, err := byID(ctx, ref, s.API.StatusPage)
	if found || err != nil {
		return a, err
	}
	named, err := s.API.StatusPages(ctx, client.StatusPageFilter{Slug: ref}, 1)
	if err != nil {
		return a, err
	}
	if len(named.Items) == 1 {
		return named.Items[0], nil
	}
	all, err := s.API.StatusPages(ctx, client.StatusPageFilter{}, 0)
	if err != nil {
		return a, err
	}
	return a, unknown("status-page", ref, names(all, func(v client.StatusPage) string { return v.Slug }))
}
