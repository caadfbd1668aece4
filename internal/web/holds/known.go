package holds

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

// known are the names of what a hold can cover, for suggestions.
type known struct{ Servers, Tags, Checks []string }

func (a *Area) known(ctx context.Context) (k known, err error) {
	servers, err := a.store.ListServers(ctx, scout.ServerFilter{}, mostNames)
	if err != nil {
		return k, err
	}
	checks, err := a.store.ListChecks(ctx, scout.CheckFilter{}, mostNames)
	if err != nil {
		return k, err
	}
	if k.Tags, err = a.store.Tags(ctx, mostNames); err != nil {
		return k, err
	}
	on := map[int64]string{}
	for _, s := range servers {
		on[s.ID] = s.Name
		k.Servers = append(k.Servers, s.Name)
	}
	for _, c := range checks {
		k.Checks = append(k.Checks, c.Name)
		if server := on[c.ServerID]; server != "" {
			k.Checks = append(k.Checks, server+"/"+c.Name)
		}
	}
	k.Servers, k.Tags, k.Checks = suggestions(k.Servers), suggestions(k.Tags), suggestions(k.Checks)
	return k, nil
}

// suggestions are names sorted, once each, and not too many nor too long.
func suggestions(list []string) []string {
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(s string) bool { return len(s) > longestName })
	return list[:min(len(list), mostNames)]
}
