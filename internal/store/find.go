package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// clockJump is how far the clock may have been set back without a list by time
// missing anything.
const clockJump = time.Hour

// idRange is a range of ids, [from, to). Outside of it there is nothing of what is
// looked for; inside there may be other things too.
type idRange struct{ from, to int64 }

// ids finds the ids of a table between which lies all that has a time in
// [since, until); a zero time does not narrow. Ids grow with that time, but for
// jumps of the clock.
func (s *Store) ids(ctx context.Context, table, column string, since, until time.Time) (v idRange, err error) {
	if since.IsZero() && until.IsZero() {
		return v, nil
	}
	if !since.IsZero() {
		if v.from, err = s.firstAt(ctx, table, column, since.Add(-clockJump)); err != nil {
			return v, err
		}
	}
	if !until.IsZero() {
		v.to, err = s.firstAt(ctx, table, column, until.Add(clockJump))
	}
	return v, err
}

// firstAt returns an id that splits a table: the row before it is older than a
// time, and the row with it, or the next one there is, is not.
func (s *Store) firstAt(ctx context.Context, table, column string, t time.Time) (int64, error) {
	var last int64
	if err := s.read.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) FROM "+table).Scan(&last); err != nil {
		return 0, err
	}
	query := s.dialect.bind("SELECT id, " + column + " FROM " + table + " WHERE id >= ? ORDER BY id LIMIT 1")
	low, high := int64(1), last+1
	for low < high {
		middle := low + (high-low)/2
		var id, at int64
		err := s.read.QueryRowContext(ctx, query, middle).Scan(&id, &at)
		switch {
		case errors.Is(err, sql.ErrNoRows): // they were pruned meanwhile
			high = middle
		case err != nil:
			return 0, err
		case at >= stored(t):
			high = middle
		default:
			low = id + 1
		}
	}
	return low, nil
}

// manyCandidates is from how many on a list is read from the newest on, passing
// over what is not looked for, instead of gathering what is: then every page of
// it lies near.
const manyCandidates = 5000

// candidates are the deliveries, or the incidents, among which are all that a filter lets through
// by server, service and text: those of the incidents and webhooks that have
// such a name, and the tests, which have no incident.
type candidates struct {
	query string // yields their ids; empty: all there are
	args  []any
}

// candidates finds where to look for the deliveries of a server or service, or
// with a text in their names. Where too many come into question it finds none.
func (s *Store) candidates(ctx context.Context, f scout.DeliveryFilter) (c candidates, err error) {
	if c, err = s.faulty(ctx, f.Fault); err != nil || c.query != "" {
		return c, err
	}
	if f.IncidentID != "" || f.EventID != 0 || (f.Server == "" && f.Service == "" && f.Contains == "") {
		return c, nil
	}
	if givenUp(f.Status) && f.Contains == "" {
		return c, nil // there is an index
	}
	named := where{}
	if f.Server != "" {
		named.equal("i.server", f.Server)
	}
	if f.Service != "" {
		named.equal("i.service", f.Service)
	}
	if len(named.conditions) > 0 {
		c.incidents(named)
	} else if all, err := s.candidatesByText(ctx, f.Contains, &c); err != nil || !all {
		return candidates{}, err
	}
	c.or("SELECT id FROM deliveries WHERE test = 1")
	return s.few(ctx, c)
}

// few returns the candidates, or none where they are too many.
func (s *Store) few(ctx context.Context, c candidates) (candidates, error) {
	var n int
	err := s.read.QueryRowContext(ctx, s.dialect.bind("SELECT COUNT(*) FROM (SELECT 1 FROM ("+c.query+") LIMIT ?)"),
		append(c.args[:len(c.args):len(c.args)], manyCandidates)...).Scan(&n)
	if err != nil || n == manyCandidates {
		return candidates{}, err
	}
	return c, nil
}

// mostNames is from how many names on that contain a text it is not worth
// gathering what they stand for.
const mostNames = 1000

// candidatesByText adds the deliveries of servers, services and webhooks that
// have a text in their names, and reports whether it could add all. The names
// are few, and each is read once.
func (s *Store) candidatesByText(ctx context.Context, text string, c *candidates) (all bool, err error) {
	for _, column := range []string{"server", "service"} {
		names, err := s.named(ctx, text, namesInIncidents(column))
		if err != nil || len(names) == mostNames {
			return false, err
		}
		if len(names) > 0 {
			var w where
			w.add("i."+column+" IN ("+placeholders(len(names))+")", names...)
			c.incidents(w)
		}
	}
	webhooks, err := s.named(ctx, text, `WITH RECURSIVE hooks (id) AS (
		SELECT MIN(webhook_id) FROM deliveries
		UNION ALL SELECT (SELECT MIN(webhook_id) FROM deliveries WHERE webhook_id > hooks.id) FROM hooks WHERE hooks.id IS NOT NULL)
		SELECT h.id, d.webhook FROM hooks h JOIN deliveries d ON d.id = (SELECT MAX(id) FROM deliveries WHERE webhook_id = h.id)`)
	if err != nil || len(webhooks) == mostNames {
		return false, err
	}
	if len(webhooks) > 0 {
		c.or("SELECT id FROM deliveries WHERE webhook_id IN ("+placeholders(len(webhooks))+")", webhooks...)
	}
	return true, nil
}

// namesInIncidents is a query for all names that a column of the incidents has,
// as keys and as names.
func namesInIncidents(column string) string {
	return strings.ReplaceAll(`WITH RECURSIVE names (name) AS (
		SELECT MIN({column}) FROM incidents
		UNION ALL SELECT (SELECT MIN({column}) FROM incidents WHERE {column} > names.name) FROM names WHERE names.name IS NOT NULL)
		SELECT name, name FROM names WHERE name IS NOT NULL`, "{column}", column)
}

// named returns the keys of the names that contain a text, at most mostNames.
// The query yields keys and names.
func (s *Store) named(ctx context.Context, text, query string) ([]any, error) {
	var w where
	w.contains(text, "name")
	end, args := w.list("name", mostNames)
	return collect(func(row scanner) (key any, err error) { return key, row.Scan(&key) })(
		s.read.QueryContext(ctx, s.dialect.bind("WITH named (key, name) AS ("+query+") SELECT key FROM named"+end), args...))
}

// incidents adds the deliveries of the incidents that fulfil conditions. The
// cross join has SQLite begin with the incidents, one after the other, so that
// a limit ends it early.
func (c *candidates) incidents(w where) {
	c.or("SELECT x.id FROM incidents i CROSS JOIN deliveries x WHERE x.incident_id = i.id AND "+
		strings.Join(w.conditions, " AND "), w.args...)
}

func (c *candidates) or(query string, args ...any) {
	if c.query != "" {
		c.query += " UNION ALL "
	}
	c.query += query
	c.args = append(c.args, args...)
}
