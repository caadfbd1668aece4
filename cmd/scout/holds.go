package main

import (
	"context"

	"serverscout/internal/app/client"
	"serverscout/internal/app/terminal"
)

type holdsCmd struct {
	List   holdsListCmd   `cmd:"" help:"List silences and maintenance windows, newest first."`
	Show   holdsShowCmd   `cmd:"" help:"Show one."`
	Add    holdsAddCmd    `cmd:"" help:"Hold back alerts for a while; what still matters at its end is told then."`
	Change holdsChangeCmd `cmd:"" help:"Change one that has not ended."`
	End    holdsEndCmd    `cmd:"" help:"End one now."`
	Remove holdsRemoveCmd `cmd:"" help:"Delete one that has ended."`
}

type holdsListCmd struct {
	remote
	limited
	State string `help:"Only those that are planned, active or ended." placeholder:"STATE" complete:"planned,active,ended"`
	Kind  string `help:"Only those of this kind." placeholder:"KIND" complete:"silence,maintenance"`
}

// Run lists holds.
func (c holdsListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ListHolds(ctx, client.HoldFilter{State: c.State, Kind: c.Kind}, c.Limit)
	})
}

// oneHold names a hold.
type oneHold struct {
	remote
	ID int64 `arg:"" help:"Its id." complete:"@hold"`
}

type holdsShowCmd struct{ oneHold }

// Run shows a hold.
func (c holdsShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowHold(ctx, c.ID) })
}

// holdKeys are the keys of a hold that can be changed.
type holdKeys struct {
	Server     []string `sep:"none" help:"It covers this server; repeatable." placeholder:"NAME" complete:"@server"`
	Tag        []string `sep:"none" help:"It covers servers with this tag; repeatable." placeholder:"TAG"`
	Check      []string `sep:"none" help:"It covers checks of this name, alone or as server/check; repeatable." placeholder:"CHECK" complete:"@check"`
	Everything bool     `help:"It covers everything."`
	For        string   `help:"How long it lasts, from its beginning or from now: 2h." placeholder:"DURATION"`
	Until      string   `help:"Instead of that: when it ends, 2026-01-15T10:30:00Z." placeholder:"TIME"`
	Comment    string   `help:"Why." placeholder:"TEXT"`
}

// keys are those that were given, with a few more.
func (k holdKeys) keys(more map[string]string) map[string]any {
	keys := filled(more)
	for key, v := range filled(map[string]string{"for": k.For, "until": k.Until, "comment": k.Comment}) {
		keys[key] = v
	}
	match := map[string]any{}
	for key, names := range map[string][]string{"servers": k.Server, "tags": k.Tag, "checks": k.Check} {
		if len(names) > 0 {
			match[key] = names
		}
	}
	if len(match) > 0 {
		keys["match"] = match
	}
	if k.Everything {
		keys["everything"] = true
	}
	return keys
}

type holdsAddCmd struct {
	remote
	Kind string `required:"" enum:"silence,maintenance" help:"silence for what is known already, maintenance for planned work."`
	From string `help:"When it begins; now without it." placeholder:"TIME"`
	holdKeys
}

// Help is printed below the flags.
func (holdsAddCmd) Help() string {
	return `Of several servers, tags or checks any will do; of the three kinds each one that is given must fit.

Examples:

    scout holds add --kind maintenance --server web-01 --for 2h --comment 'New disks'
    scout holds add --kind silence --check web-01/HTTP --until 2026-01-16T08:00:00Z
    scout holds add --kind maintenance --tag prod --from 2026-01-17T22:00:00Z --for 4h`
}

// Run makes a hold.
func (c holdsAddCmd) Run(screen *terminal.Screen) error {
	keys := c.keys(map[string]string{"kind": c.Kind, "from": c.From})
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.AddHold(ctx, keys) })
}

type holdsChangeCmd struct {
	oneHold
	holdKeys
}

// Run changes a hold.
func (c holdsChangeCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ChangeHold(ctx, c.ID, c.keys(nil)) })
}

type holdsEndCmd struct{ oneHold }

// Run ends a hold.
func (c holdsEndCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.EndHold(ctx, c.ID) })
}

type holdsRemoveCmd struct{ oneHold }

// Run deletes a hold.
func (c holdsRemoveCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteHold(ctx, c.ID) })
}
