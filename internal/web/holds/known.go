package holds

import (
	"context"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// known are the names of what a hold can cover, for suggestions.
type known struct{ Servers, Tags, Checks []string }

func (a *Area) known(ctx context.Context) (k known, err error) {
	servers, err := a.store.ListServers(ctx, scout.ServerFilter{}, ui.MostNames)
	if err != nil {
		return k, err
	}
	checks, err := a.store.ListChecks(ctx, scout.CheckFilter{}, ui.MostNames)
	if err != nil {
		return k, err
	}
	if k.Tags, err = a.store.Tags(ctx, ui.MostNames); err != nil {
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
	k.Servers, k.Tags, k.Checks = ui.Suggestions(k.Servers), ui.Suggestions(k.Tags), ui.Suggestions(k.Checks)
	return k, nil
}
