package search

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

const (
	perGroup     = 10
	shownName    = 80
	shownText    = 160
	mostWebhooks = 1000 // that are looked at
)

// find searches for a text in each kind of thing.
func (a *Area) find(ctx context.Context, c ui.Clock, text string) ([]group, error) {
	var groups []group
	for _, search := range []func(context.Context, ui.Clock, string) (group, error){
		a.servers, a.checks, a.incidents, a.webhooks, a.delivery,
	} {
		g, err := search(ctx, c, text)
		if err != nil {
			return nil, err
		}
		if len(g.found) > perGroup {
			g.found, g.cut = g.found[:perGroup], true
		}
		if len(g.found) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func (a *Area) servers(ctx context.Context, _ ui.Clock, text string) (group, error) {
	g := group{id: "servers", title: "Servers"}
	list, err := a.store.ListServers(ctx, scout.ServerFilter{Contains: text}, perGroup+1)
	for _, s := range list {
		g.found = append(g.found, result{
			name: scout.Shorten(s.Name, shownName), path: fmt.Sprintf("servers/%d", s.ID),
			sub: scout.Shorten(strings.Join(append([]string{s.IP}, s.Tags...), " "), shownText),
		})
	}
	return g, err
}

func (a *Area) checks(ctx context.Context, c ui.Clock, text string) (group, error) {
	g := group{id: "checks", title: "Checks"}
	list, err := a.store.ListChecks(ctx, scout.CheckFilter{Contains: text}, perGroup+1)
	if err != nil {
		return g, err
	}
	servers := map[int64]string{}
	var ids []int64
	for _, check := range list {
		ids = append(ids, check.ID)
		if _, known := servers[check.ServerID]; known {
			continue
		}
		s, err := a.store.Server(ctx, check.ServerID)
		if err != nil && !scout.HasCode(err, scout.NotFound) { // else it was removed just now
			return g, err
		}
		servers[check.ServerID] = s.Name
	}
	states, err := a.store.StatesOf(ctx, ids)
	for _, check := range list {
		found := result{
			name: scout.Shorten(check.Name, shownName) + " on " + scout.Shorten(servers[check.ServerID], shownName),
			path: fmt.Sprintf("checks/%d", check.ID), sub: check.Kind,
		}
		state := states[check.ID]
		found.state = ui.StateOf(state.Level)
		switch {
		case check.Paused:
			found.state, found.says = ui.Paused, "Paused"
		case state.Level == scout.Unknown:
			found.says = "Not observed yet"
		default:
			found.says = found.state.Word() + " since " + c.Local(state.Since)
		}
		g.found = append(g.found, found)
	}
	return g, err
}

func (a *Area) incidents(ctx context.Context, c ui.Clock, text string) (group, error) {
	g := group{id: "incidents", title: "Incidents", more: "incidents?" + url.Values{"text": {text}}.Encode()}
	list, err := a.store.ListIncidents(ctx, scout.IncidentFilter{Contains: text}, perGroup+1)
	for _, i := range list {
		found := result{
			name: scout.Shorten(i.Service, shownName) + " on " + scout.Shorten(i.Server, shownName), path: "incidents/" + i.ID,
			sub: scout.Shorten(i.Message, shownText), state: ui.Up, says: "Recovered, began " + c.Ago(i.Began),
		}
		if i.Open() {
			found.state = ui.StateOf(i.Level)
			found.says = found.state.Word() + ", began " + c.Ago(i.Began)
		}
		g.found = append(g.found, found)
	}
	return g, err
}

func (a *Area) webhooks(ctx context.Context, _ ui.Clock, text string) (group, error) {
	g := group{id: "webhooks", title: "Webhooks"}
	list, err := a.store.FindWebhooks(ctx, scout.WebhookFilter{}, mostWebhooks)
	text = strings.ToLower(text)
	for _, w := range list {
		if !strings.Contains(strings.ToLower(w.Name), text) && !strings.Contains(strings.ToLower(w.DisplayURL), text) {
			continue
		}
		found := result{
			name: scout.Shorten(w.Name, shownName), path: fmt.Sprintf("notifications/settings/%d", w.ID),
			sub: scout.Shorten(w.DisplayURL, shownText), state: ui.Up, says: "Nothing has failed",
		}
		switch {
		case !w.DisabledAt.IsZero():
			found.state, found.says = ui.Down, "Disabled"
		case w.Paused:
			found.state, found.says = ui.Paused, "Paused"
		case w.Health.FailStreak > 0:
			found.state, found.says = ui.Warning, "Failing"
		}
		g.found = append(g.found, found)
	}
	return g, err
}

// delivery finds the one of a number.
func (a *Area) delivery(ctx context.Context, _ ui.Clock, text string) (group, error) {
	g := group{id: "deliveries", title: "Deliveries", byID: true}
	id, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64)
	if err != nil || id <= 0 {
		return g, nil
	}
	d, err := a.store.Delivery(ctx, id)
	if scout.HasCode(err, scout.NotFound) {
		return g, nil
	}
	state, says := howFar(d.Status)
	g.found = []result{{
		name: fmt.Sprintf("Delivery %d to %s", d.ID, scout.Shorten(d.Webhook, shownName)), path: deliveryPath(d),
		sub: scout.Shorten(d.Service, shownName) + " on " + scout.Shorten(d.Server, shownName), state: state, says: says,
	}}
	return g, err
}

// howFar is how far a delivery is, as a sign and in words.
func howFar(s scout.DeliveryStatus) (ui.State, string) {
	switch s {
	case scout.Delivered:
		return ui.Up, "Delivered"
	case scout.DeliveryFailed:
		return ui.Down, "Failed"
	case scout.DeliveryCancelled:
		return ui.Unknown, "Cancelled"
	case scout.Sending:
		return ui.Unknown, "Being sent"
	default:
		return ui.Unknown, "Waiting"
	}
}
