package webhooks

import (
	"context"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// names are what a webhook's filters can name, for suggestions.
type names struct{ servers, tags, checks []string }

func (a *Area) names(ctx context.Context) (n names, err error) {
	servers, err := a.Store.ListServers(ctx, scout.ServerFilter{}, ui.MostNames)
	if err != nil {
		return n, err
	}
	checks, err := a.Store.ListChecks(ctx, scout.CheckFilter{}, ui.MostNames)
	if err != nil {
		return n, err
	}
	for _, s := range servers {
		n.servers = append(n.servers, s.Name)
		n.tags = append(n.tags, s.Tags...)
	}
	for _, c := range checks {
		n.checks = append(n.checks, c.Name)
	}
	for _, list := range []*[]string{&n.servers, &n.tags, &n.checks} {
		*list = ui.Suggestions(*list)
	}
	return n, nil
}
