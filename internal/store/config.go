package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"serverscout/internal/scout"
)

const serverColumns = "id, name, ip, tags, source, revision, created_at, updated_at"

type scanner interface{ Scan(into ...any) error }

func scanServer(row scanner) (s scout.Server, err error) {
	var tags string
	var created, updated int64
	if err = row.Scan(&s.ID, &s.Name, &s.IP, &tags, &s.Source, &s.Revision, &created, &updated); err != nil {
		return s, err
	}
	s.CreatedAt, s.UpdatedAt = instant(created), instant(updated)
	return s, json.Unmarshal([]byte(tags), &s.Tags)
}

// SaveServer writes a server: a new one when ID is 0, whose id it sets. The
// revision is counted here.
func (tx *Tx) SaveServer(s *scout.Server) error {
	tags, err := encode(s.Tags)
	if err != nil {
		return err
	}
	s.UpdatedAt = tx.s.now()
	if s.ID == 0 {
		s.CreatedAt, s.Revision = s.UpdatedAt, 1
		s.ID, err = tx.insert("INSERT INTO servers (name, ip, tags, source, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
			s.Name, s.IP, tags, s.Source, stored(s.CreatedAt), stored(s.UpdatedAt))
	} else {
		s.Revision, err = tx.revise("UPDATE servers SET name = ?, ip = ?, tags = ?, source = ?, updated_at = ?",
			s.ID, s.Name, s.IP, tags, s.Source, stored(s.UpdatedAt))
	}
	tx.notify(TopicConfig)
	return tx.s.unique(err, "there is a server named %q already", s.Name)
}

// revise runs an UPDATE of the row with that id, counts its revision and
// returns the new one. There being no such row is not an error, as with any
// UPDATE.
func (tx *Tx) revise(update string, id int64, args ...any) (revision int64, err error) {
	err = tx.row(update+", revision = revision + 1 WHERE id = ? RETURNING revision", append(args, id)...).Scan(&revision)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return revision, err
}

// DeleteServer removes a server and its checks. Their open incidents stay, for
// monitor to end.
func (tx *Tx) DeleteServer(id int64) error {
	tx.notify(TopicConfig)
	_, err := tx.exec("DELETE FROM servers WHERE id = ?", id)
	return err
}

// Servers lists all servers by name.
func (tx *Tx) Servers() ([]scout.Server, error) {
	return collect(scanServer)(tx.query("SELECT " + serverColumns + " FROM servers ORDER BY name"))
}

const checkColumns = `id, server_id, name, kind, interval_us, timeout_us, confirm_us, fail_after, recover_after,
	remind_us, sealed, parent_id, paused, source, revision, created_at, updated_at`

// sealedCheck is what of a check is kept encrypted: its target and settings
// may hold credentials.
type sealedCheck struct {
	Target   string         `json:"target"`
	Settings scout.Settings `json:"settings"`
}

func checkRow(id int64) string { return "checks/" + strconv.FormatInt(id, 10) }

func (s *Store) scanCheck(row scanner) (c scout.Check, err error) {
	var interval, timeout, confirm, remind, created, updated int64
	var sealed []byte
	err = row.Scan(&c.ID, &c.ServerID, &c.Name, &c.Kind, &interval, &timeout, &confirm, &c.FailAfter, &c.RecoverAfter,
		&remind, &sealed, &c.ParentID, &c.Paused, &c.Source, &c.Revision, &created, &updated)
	if err != nil {
		return c, err
	}
	c.Interval, c.Timeout, c.ConfirmInterval = duration(interval), duration(timeout), duration(confirm)
	c.Remind = duration(remind)
	c.CreatedAt, c.UpdatedAt = instant(created), instant(updated)
	var in sealedCheck
	err = s.unseal(sealed, checkRow(c.ID), &in)
	c.Target, c.Settings = in.Target, in.Settings
	return c, err
}

// SaveCheck writes a check: a new one when ID is 0, whose id it sets.
func (tx *Tx) SaveCheck(c *scout.Check) (err error) {
	c.UpdatedAt = tx.s.now()
	if c.ID == 0 {
		c.CreatedAt = c.UpdatedAt
		c.ID, err = tx.insert(`INSERT INTO checks (server_id, name, kind, interval_us, timeout_us, confirm_us, fail_after,
			recover_after, sealed, parent_id, source, revision, created_at, updated_at)
			VALUES (?, ?, ?, 0, 0, 0, 0, 0, x'', 0, ?, 0, ?, 0)`,
			c.ServerID, c.Name, c.Kind, c.Source, stored(c.CreatedAt))
		if err != nil {
			return tx.s.unique(err, "the server has a check named %q already", c.Name)
		}
	}
	if err := tx.notePause(*c); err != nil {
		return err
	}
	sealed, err := tx.s.seal(checkRow(c.ID), sealedCheck{c.Target, c.Settings})
	if err != nil {
		return err
	}
	c.Revision, err = tx.revise(`UPDATE checks SET name = ?, kind = ?, interval_us = ?, timeout_us = ?, confirm_us = ?, fail_after = ?,
		recover_after = ?, remind_us = ?, sealed = ?, parent_id = ?, paused = ?, source = ?, updated_at = ?`, c.ID,
		c.Name, c.Kind, micros(c.Interval), micros(c.Timeout), micros(c.ConfirmInterval), c.FailAfter,
		c.RecoverAfter, micros(c.Remind), sealed, c.ParentID, flag(c.Paused), c.Source, stored(c.UpdatedAt))
	tx.notify(TopicConfig)
	return tx.s.unique(err, "the server has a check named %q already", c.Name)
}

// notePause records when watching a check begins or ends, before the check is
// written.
func (tx *Tx) notePause(c scout.Check) error {
	var was bool
	if err := tx.row("SELECT paused FROM checks WHERE id = ?", c.ID).Scan(&was); err != nil || was == c.Paused {
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	}
	level := levelUnknown
	if c.Paused {
		level = levelPaused
	}
	return tx.noteLevel(c.ID, c.UpdatedAt, level)
}

// DeleteCheck removes a check and the one it brought along. Their open
// incidents stay, for monitor to end.
func (tx *Tx) DeleteCheck(id int64) error {
	tx.notify(TopicConfig)
	_, err := tx.exec("DELETE FROM checks WHERE id = ? OR parent_id = ?", id, id)
	return err
}

// Checks lists all checks by server and name.
func (tx *Tx) Checks() ([]scout.Check, error) {
	return collect(tx.s.scanCheck)(tx.query("SELECT " + checkColumns + " FROM checks ORDER BY server_id, name"))
}

// Server returns one server, or NotFound.
func (s *Store) Server(ctx context.Context, id int64) (scout.Server, error) {
	v, err := scanServer(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+serverColumns+" FROM servers WHERE id = ?"), id))
	return v, missing(err, "server", id)
}

// Check returns one check, or NotFound.
func (s *Store) Check(ctx context.Context, id int64) (scout.Check, error) {
	v, err := s.scanCheck(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+checkColumns+" FROM checks WHERE id = ?"), id))
	return v, missing(err, "check", id)
}

// Watched lists every check with its server, for monitor.
func (s *Store) Watched(ctx context.Context) ([]scout.Target, error) {
	servers, err := collect(scanServer)(s.read.QueryContext(ctx, "SELECT "+serverColumns+" FROM servers"))
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]scout.Server, len(servers))
	for _, v := range servers {
		byID[v.ID] = v
	}
	checks, err := collect(s.scanCheck)(s.read.QueryContext(ctx, "SELECT "+checkColumns+" FROM checks ORDER BY id"))
	if err != nil {
		return nil, err
	}
	targets := make([]scout.Target, 0, len(checks))
	for _, c := range checks {
		if v, ok := byID[c.ServerID]; ok { // else removed between the two queries
			targets = append(targets, scout.Target{Check: c, Server: v})
		}
	}
	return targets, nil
}

func (s *Store) seal(row string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.sealer.seal(plain, row), nil
}

func (s *Store) unseal(sealed []byte, row string, into any) error {
	plain, err := s.sealer.open(sealed, row)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// collect returns a function that reads all rows of a query with scan.
func collect[T any](scan func(scanner) (T, error)) func(*sql.Rows, error) ([]T, error) {
	return func(rows *sql.Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		list := []T{}
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, rows.Err()
	}
}

// missing turns "no rows" into NotFound.
func missing(err error, what string, id any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return scout.Errorf(scout.NotFound, "there is no %s %v", what, id)
	}
	if err != nil {
		return fmt.Errorf("reading %s %v: %w", what, id, err)
	}
	return nil
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// Server returns one server, or NotFound.
func (tx *Tx) Server(id int64) (scout.Server, error) {
	v, err := scanServer(tx.row("SELECT "+serverColumns+" FROM servers WHERE id = ?", id))
	return v, missing(err, "server", id)
}

// Check returns one check, or NotFound.
func (tx *Tx) Check(id int64) (scout.Check, error) {
	v, err := tx.s.scanCheck(tx.row("SELECT "+checkColumns+" FROM checks WHERE id = ?", id))
	return v, missing(err, "check", id)
}

// ChecksOf lists a server's checks by name.
func (tx *Tx) ChecksOf(serverID int64) ([]scout.Check, error) {
	return collect(tx.s.scanCheck)(tx.query("SELECT "+checkColumns+" FROM checks WHERE server_id = ? ORDER BY name", serverID))
}
