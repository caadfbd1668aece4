package status

import (
	"context"
	"slices"
)

// What is suggested is bounded, so that the form stays small.
const (
	mostNames   = 200 // of each kind
	longestName = 100 // bytes
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
	return names{suggestions(n.Servers), suggestions(n.Tags), suggestions(n.Checks)}, nil
}

// suggestions are names sorted, once each, and not too many nor too long.
func suggestions(list []string) []string {
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(s string) bool { return len(s) > longestName })
	return list[:min(len(list), mostNames)]
}
