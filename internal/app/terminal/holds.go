package terminal

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// ListHolds prints silences and maintenance windows, newest first.
func (s *Session) ListHolds(ctx context.Context, f client.HoldFilter, limit int) error {
	found, err := s.API.Holds(ctx, f, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "holds", []column[client.Hold]{
		{title: "ID", cell: func(v client.Hold) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "KIND", cell: func(v client.Hold) string { return v.Kind }},
		{title: "STATE", cell: func(v client.Hold) string { return v.State }, word: true},
		{title: "COVERS", cell: covered},
		{title: "FROM", cell: func(v client.Hold) string { return moment(v.From) }},
		{title: "UNTIL", cell: func(v client.Hold) string { return moment(v.Until) }},
		{title: "AUTHOR", cell: func(v client.Hold) string { return v.Author }},
		{title: "COMMENT", cell: func(v client.Hold) string { return v.Comment }},
	})
}

// covered says what a hold covers.
func covered(v client.Hold) string {
	if v.Everything {
		return "everything"
	}
	parts := slices.DeleteFunc([]string{named("server", v.Match.Servers), named("tag", v.Match.Tags), named("check", v.Match.Checks)},
		func(part string) bool { return part == "" })
	return strings.Join(parts, ", ")
}

// named says which things of a kind are meant; "" for none.
func named(noun string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return noun + " " + strings.Join(names, " or ")
}

// ShowHold prints a hold.
func (s *Session) ShowHold(ctx context.Context, id int64) error {
	v, err := s.API.Hold(ctx, id)
	if err != nil {
		return err
	}
	return printRecord(s, v.JSON, []string{"id", "kind", "state", "from", "until", "ended_at", "author", "comment", "everything"})
}

// AddHold makes a hold from its keys.
func (s *Session) AddHold(ctx context.Context, keys map[string]any) error {
	v, err := s.API.CreateHold(ctx, keys)
	if err != nil {
		return err
	}
	return done(s, v, "Hold %d is %s: alerts of %s are held back until %s.", v.Value.ID, v.Value.State, covered(v.Value), moment(v.Value.Until))
}

// ChangeHold changes the keys that are given, for the revision that there is
// now.
func (s *Session) ChangeHold(ctx context.Context, id int64, patch map[string]any) error {
	if len(patch) == 0 {
		return scout.Errorf(scout.Invalid, "nothing is to be changed: say what, such as --for 2h or --comment TEXT")
	}
	v, err := change(ctx, id, patch, s.API.Hold, s.API.ChangeHold)
	if err != nil {
		return err
	}
	return done(s, v, "Hold %d is changed: alerts of %s are held back until %s.", v.Value.ID, covered(v.Value), moment(v.Value.Until))
}

// EndHold ends a hold now.
func (s *Session) EndHold(ctx context.Context, id int64) error {
	v, err := s.API.EndHold(ctx, id)
	if err != nil {
		return err
	}
	return done(s, v, "Hold %d has ended: what it held back is told, where it still matters.", v.Value.ID)
}

// DeleteHold deletes a hold that has ended.
func (s *Session) DeleteHold(ctx context.Context, id int64) error {
	if err := s.API.DeleteHold(ctx, id); err != nil {
		return err
	}
	return s.gone("Hold %d is deleted.", id)
}
