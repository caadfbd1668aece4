package terminal

import (
	"context"
	"strconv"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// ChecksQuery says which checks to list. Empty fields do not narrow.
type ChecksQuery struct {
	Server string // id or name
	Kind   string
	Level  string
	Tag    string // of the server
}

// ListChecks prints checks, oldest first.
func (s *Session) ListChecks(ctx context.Context, q ChecksQuery, limit int) error {
	f := client.CheckFilter{Kind: q.Kind, Level: q.Level, Tag: q.Tag}
	if q.Server != "" {
		on, err := s.server(ctx, q.Server)
		if err != nil {
			return err
		}
		f.ServerID = on.Value.ID
	}
	found, err := s.API.Checks(ctx, f, limit)
	if err != nil {
		return err
	}
	return s.printChecks(found)
}

func (s *Session) printChecks(found client.List[client.Check]) error {
	return printList(s, found, "checks", []column[client.Check]{
		{title: "ID", cell: func(v client.Check) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "SERVER", cell: func(v client.Check) string { return v.Server }},
		{title: "CHECK", cell: func(v client.Check) string { return v.Name }},
		{title: "LEVEL", cell: levelOf, word: true},
		{title: "SINCE", cell: func(v client.Check) string { return moment(v.State.Since) }},
		{title: "KIND", cell: func(v client.Check) string { return v.Kind }},
		{title: "TARGET", cell: func(v client.Check) string { return v.Target }},
	})
}

// levelOf is how a check is, in one word.
func levelOf(v client.Check) string {
	if v.Paused {
		return "paused"
	}
	return v.State.Level
}

// ShowCheck prints a check.
func (s *Session) ShowCheck(ctx context.Context, ref string) error {
	v, err := s.check(ctx, ref)
	if err != nil {
		return err
	}
	return printRecord(s, v.JSON, []string{"id", "server", "name", "kind", "target", "paused", "state.level", "state.since", "state.incident_id"})
}

// AddCheck creates a check of a kind on a server.
func (s *Session) AddCheck(ctx context.Context, server, kind string, e Edits) error {
	fields, err := fieldsOfKind(kind)
	if err != nil {
		return err
	}
	keys, err := e.object(fields)
	if err != nil {
		return err
	}
	on, err := s.server(ctx, server)
	if err != nil {
		return err
	}
	keys["server_id"], keys["kind"] = on.Value.ID, kind
	v, err := s.API.CreateCheck(ctx, keys)
	if err != nil {
		return err
	}
	if err := done(s, v, "Check %s is added (id %d).", checkName(v.Value), v.Value.ID); err != nil || s.JSON || v.Value.PingPath == "" {
		return err
	}
	s.Screen.printf("Its job pings %s\nThis address is shown only now.\n", line(s.API.Base()+v.Value.PingPath))
	return nil
}

// fieldsOfKind describes the keys of a check of a kind.
func fieldsOfKind(name string) ([]scout.Field, error) {
	kind, ok := probe.Lookup(name)
	if !ok {
		var faults scout.Faults
		faults.Add("kind", name, "%s", scout.UnknownWord(name, KindNames()))
		return nil, faults.Err()
	}
	return manage.CheckFields(kind), nil
}

// KindNames lists the kinds of checks, sorted.
func KindNames() []string { return words(manage.AllCheckFields(), "kind") }

// ChangeCheck changes the keys that edits name.
func (s *Session) ChangeCheck(ctx context.Context, ref string, e Edits) error {
	v, err := s.check(ctx, ref)
	if err != nil {
		return err
	}
	fields := manage.AllCheckFields()
	if kind, ok := probe.Lookup(v.Value.Kind); ok && !e.sets("kind") {
		fields = manage.CheckFields(kind)
	}
	patch, err := e.object(fields)
	if err != nil {
		return err
	}
	if v, err = change(ctx, v.Value.ID, patch, s.API.Check, s.API.ChangeCheck); err != nil {
		return err
	}
	return done(s, v, "Check %s is changed.", checkName(v.Value))
}

// DeleteCheck deletes a check.
func (s *Session) DeleteCheck(ctx context.Context, ref string) error {
	v, err := s.check(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteCheck(ctx, v.Value.ID); err != nil {
		return err
	}
	return s.gone("Check %s is deleted.", checkName(v.Value))
}

// PauseCheck stops watching a check.
func (s *Session) PauseCheck(ctx context.Context, ref string) error {
	v, err := s.check(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = s.API.PauseCheck(ctx, v.Value.ID); err != nil {
		return err
	}
	return done(s, v, "Check %s is paused.", checkName(v.Value))
}

// ResumeCheck watches a check again.
func (s *Session) ResumeCheck(ctx context.Context, ref string) error {
	v, err := s.check(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = s.API.ResumeCheck(ctx, v.Value.ID); err != nil {
		return err
	}
	return done(s, v, "Check %s is watched again.", checkName(v.Value))
}

// ProbeCheck has the server probe a check now, and prints the result. A result
// that is not up is ErrNotWell.
func (s *Session) ProbeCheck(ctx context.Context, ref string) error {
	v, err := s.check(ctx, ref)
	if err != nil {
		return err
	}
	r, err := s.API.ProbeCheck(ctx, v.Value.ID)
	if err != nil {
		return err
	}
	if s.JSON {
		err = s.printJSON(r.JSON)
	} else {
		took := time.Duration(r.Value.LatencyMS * float64(time.Millisecond))
		s.Screen.printResult(r.Value.Level, r.Value.Message, took, r.Value.IP)
	}
	if err == nil && r.Value.Level != scout.Up.String() {
		return ErrNotWell
	}
	return err
}
