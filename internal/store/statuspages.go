package store

import (
	"context"
	"encoding/json"

	"serverscout/internal/scout"
)

const statusPageColumns = "id, slug, title, intro, access, page_key, page_groups, show_addresses, show_messages, revision, created_at, updated_at"

func scanStatusPage(row scanner) (p scout.StatusPage, err error) {
	var groups string
	var created, updated int64
	err = row.Scan(&p.ID, &p.Slug, &p.Title, &p.Intro, &p.Access, &p.Key, &groups, &p.ShowAddresses, &p.ShowMessages,
		&p.Revision, &created, &updated)
	if err != nil {
		return p, err
	}
	p.CreatedAt, p.UpdatedAt = instant(created), instant(updated)
	return p, json.Unmarshal([]byte(groups), &p.Groups)
}

// SaveStatusPage writes a status page: a new one when ID is 0, whose id it
// sets. The revision is counted here. A slug that is taken is a Conflict.
func (tx *Tx) SaveStatusPage(p *scout.StatusPage) error {
	groups, err := encode(p.Groups)
	if err != nil {
		return err
	}
	p.UpdatedAt = tx.s.now()
	if p.ID == 0 {
		p.CreatedAt, p.Revision = p.UpdatedAt, 1
		p.ID, err = tx.insert(`INSERT INTO status_pages (slug, title, intro, access, page_key, page_groups, show_addresses,
			show_messages, created_at, updated_at) VALUES (`+placeholders(10)+`)`,
			p.Slug, p.Title, p.Intro, p.Access, p.Key, groups, flag(p.ShowAddresses), flag(p.ShowMessages), stored(p.CreatedAt), stored(p.UpdatedAt))
	} else {
		p.Revision, err = tx.revise(`UPDATE status_pages SET slug = ?, title = ?, intro = ?, access = ?, page_key = ?,
			page_groups = ?, show_addresses = ?, show_messages = ?, updated_at = ?`, p.ID,
			p.Slug, p.Title, p.Intro, p.Access, p.Key, groups, flag(p.ShowAddresses), flag(p.ShowMessages), stored(p.UpdatedAt))
	}
	return tx.s.unique(err, "there is a status page at %q already: choose another slug", p.Slug)
}

// DeleteStatusPage removes a status page with its notes.
func (tx *Tx) DeleteStatusPage(id int64) error {
	_, err := tx.exec("DELETE FROM status_pages WHERE id = ?", id)
	return err
}

// StatusPage returns one status page, or NotFound.
func (tx *Tx) StatusPage(id int64) (scout.StatusPage, error) {
	p, err := scanStatusPage(tx.row("SELECT "+statusPageColumns+" FROM status_pages WHERE id = ?", id))
	return p, missing(err, "status page", id)
}

// StatusPage returns one status page, or NotFound.
func (s *Store) StatusPage(ctx context.Context, id int64) (scout.StatusPage, error) {
	p, err := scanStatusPage(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+statusPageColumns+" FROM status_pages WHERE id = ?"), id))
	return p, missing(err, "status page", id)
}

// StatusPageAt returns the status page with a slug, or NotFound.
func (s *Store) StatusPageAt(ctx context.Context, slug string) (scout.StatusPage, error) {
	p, err := scanStatusPage(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+statusPageColumns+" FROM status_pages WHERE slug = ?"), slug))
	return p, missing(err, "status page", slug)
}

// ListStatusPages lists status pages by id, at most limit.
func (s *Store) ListStatusPages(ctx context.Context, f scout.StatusPageFilter, limit int) ([]scout.StatusPage, error) {
	var w where
	w.add("id > ?", f.After)
	if f.Slug != "" {
		w.add("slug = ?", f.Slug)
	}
	end, args := w.list("id", limit)
	return collect(scanStatusPage)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+statusPageColumns+" FROM status_pages"+end), args...))
}

const statusNoteColumns = "id, page_id, incident_id, note, at, author"

func scanStatusNote(row scanner) (n scout.StatusNote, err error) {
	var at int64
	err = row.Scan(&n.ID, &n.PageID, &n.IncidentID, &n.Text, &at, &n.Author)
	n.At = instant(at)
	return n, err
}

// AddStatusNote writes a new note, whose id and time it sets.
func (tx *Tx) AddStatusNote(n *scout.StatusNote) (err error) {
	n.At = tx.s.now()
	n.ID, err = tx.insert("INSERT INTO status_notes (page_id, incident_id, note, at, author) VALUES (?, ?, ?, ?, ?)",
		n.PageID, n.IncidentID, n.Text, stored(n.At), n.Author)
	return err
}

// DeleteStatusNote removes a note from a page; it is NotFound if the page has
// none of that id.
func (tx *Tx) DeleteStatusNote(pageID, id int64) error {
	n, err := tx.changed("DELETE FROM status_notes WHERE id = ? AND page_id = ?", id, pageID)
	if err == nil && n == 0 {
		err = scout.Errorf(scout.NotFound, "the status page has no note %d", id)
	}
	return err
}

// ListStatusNotes lists the notes of a page, newest first, at most limit.
func (s *Store) ListStatusNotes(ctx context.Context, f scout.StatusNoteFilter, limit int) ([]scout.StatusNote, error) {
	var w where
	w.add("page_id = ?", f.PageID)
	if f.IncidentID != "" {
		w.add("incident_id = ?", f.IncidentID)
	}
	if f.Before != 0 {
		w.add("id < ?", f.Before)
	}
	end, args := w.list("id DESC", limit)
	return collect(scanStatusNote)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+statusNoteColumns+" FROM status_notes"+end), args...))
}
