package webhooks

import (
	"context"
	"slices"

	"serverscout/internal/scout"
)

// What is suggested is bounded, so that the page stays small.
const (
	mostNames   = 200 // of each kind
	longestName = 100 // bytes
)

// names are what a webhook's filters can name, for suggestions.
type names struct{ servers, tags, checks []string }

func (a *Area) names(ctx context.Context) (n names, err error) {
	servers, err := a.Store.ListServers(ctx, scout.ServerFilter{}, mostNames)
	if err != nil {
		return n, err
	}
	checks, err := a.Store.ListChecks(ctx, scout.CheckFilter{}, mostNames)
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
		*list = suggestions(*list)
	}
	return n, nil
}

// suggestions are names sorted, once each, and not too many nor too long.
func suggestions(list []string) []string {
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(s string) bool { return len(s) > longestName })
	return list[:min(len(list), mostNames)]
}
