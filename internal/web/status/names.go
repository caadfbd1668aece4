package status

import (
	"context"

	"serverscout/internal/web/ui"
)

// names are what a group can name, for suggestions.
type names struct{ Servers, Tags, Checks []string }

func (a *Area) names(ctx context.Context) (n names, err error) {
	targets, err := a.Store.Outlines(ctx)
	if err != nil {
		return n, err
	}
	for _, t := range targets {
		n.Servers = append(n.Servers, t.Server.Name)
		n.Tags = append(n.Tags, t.Server.Tags...)
		n.Checks = append(n.Checks, t.Check.Name)
	}
	return names{ui.Suggestions(n.Servers), ui.Suggestions(n.Tags), ui.Suggestions(n.Checks)}, nil
}
