package status

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// badgeKinds are the kinds of badges, as their addresses name them.
var badgeKinds = []string{"status", "uptime", "latency", "certificate"}

// badgeDays are the ranges of an uptime, in days; the last one is the usual.
var badgeDays = []int{1, 7, 30, 90}

// The uptimes below which a badge warns, and is red.
const (
	goodUptime = 99
	poorUptime = 95
)

// noData is what a badge says of what is not on record.
const noData = "no data"

// A badge is a small picture of two boxes: what it is about, and how that is.
type badge struct {
	Label, Value string
	State        ui.State // its colour; the value says it as well
}

// Title is the badge for those who do not see it.
func (b badge) Title() string { return b.Label + ": " + b.Value }

// badge shows how a service on a page is, as a picture.
func (a *Area) badge(r *page.Request) error {
	p, found, err := a.visited(r)
	if err != nil {
		return err
	}
	b, err := a.badgeOn(r, p, found)
	if scout.HasCode(err, scout.NotFound) {
		return a.nowhere(r)
	}
	if err != nil {
		return err
	}
	drawn, err := draw(r.Context(), badgePicture(b))
	if err != nil {
		return err
	}
	tellCaches(r, p, badgeAge)
	return drawn.send(r, http.StatusOK, kindSVG)
}

// badgeOn makes the badge that an address asks for. It is NotFound for all that
// the page does not show.
func (a *Area) badgeOn(r *page.Request, p scout.StatusPage, found bool) (badge, error) {
	kind, isPicture := strings.CutSuffix(r.PathValue("file"), ".svg")
	id, err := r.ID("check")
	if err != nil || !found || !isPicture || !slices.Contains(badgeKinds, kind) {
		return badge{}, scout.Errorf(scout.NotFound, "there is no such badge")
	}
	on, _, err := a.board(r.Context(), p, r.Clock.Now)
	if err != nil {
		return badge{}, err
	}
	s := on.services[id]
	if s == nil {
		return badge{}, scout.Errorf(scout.NotFound, "there is no such badge")
	}
	switch kind {
	case "uptime":
		return a.uptimeBadge(r.Context(), s, daysOf(r.URL.Query().Get("days")), r.Clock.Now)
	case "latency":
		return a.latencyBadge(r.Context(), s, r.Clock.Now)
	case "certificate":
		return a.certificateBadge(r.Context(), on, s, r.Clock.Now)
	default:
		return badge{Label: scout.Shorten(s.Name, 40), Value: string(s.State), State: s.State}, nil
	}
}

// daysOf reads a range; what is none is the usual one.
func daysOf(text string) int {
	if n, err := strconv.Atoi(text); err == nil && slices.Contains(badgeDays, n) {
		return n
	}
	return badgeDays[len(badgeDays)-1]
}

func (a *Area) uptimeBadge(ctx context.Context, s *service, days int, now time.Time) (badge, error) {
	spent, err := a.Store.Availability(ctx, []int64{s.ID}, now.AddDate(0, 0, -days), now)
	if err != nil {
		return badge{}, err
	}
	share, known := spent[s.ID].Percent()
	b := badge{Label: "uptime " + strconv.Itoa(days) + " d", Value: ui.Percent(share, known), State: ui.Up}
	switch {
	case !known:
		b.State = ui.Unknown
	case share < poorUptime:
		b.State = ui.Down
	case share < goodUptime:
		b.State = ui.Warning
	}
	return b, nil
}

// latencyBadge says how long answers took on the last day, and has the colour
// of the service: how long is too long is for the check to say.
func (a *Area) latencyBadge(ctx context.Context, s *service, now time.Time) (badge, error) {
	rollups, err := a.Store.RollupsOf(ctx, []int64{s.ID}, time.Hour, now.AddDate(0, 0, -1), now)
	if err != nil {
		return badge{}, err
	}
	b := badge{Label: "latency", Value: noData, State: ui.Unknown}
	if sum := glance.Merge(rollups[s.ID]); sum.Median > 0 {
		b.Value, b.State = ui.Millis(sum.Median), s.State
	}
	return b, nil
}

// certificateBadge says how long the certificate of a service is good for, by
// the check that watches it.
func (a *Area) certificateBadge(ctx context.Context, on *board, s *service, now time.Time) (badge, error) {
	b := badge{Label: "certificate", Value: noData, State: ui.Unknown}
	watching := on.certificateOf(s)
	if watching == nil {
		return b, nil
	}
	latest, err := a.Store.Results(ctx, watching.ID, time.Time{}, 1)
	if err != nil || len(latest) == 0 {
		return b, err
	}
	left, known := glance.CertificateLeft(latest[0].Message, now)
	switch {
	case !known:
	case left < 0:
		b.Value, b.State = "expired", ui.Down
	default:
		b.Value, b.State = ui.Count(left, "day"), watching.State
	}
	return b, nil
}

// certificateOf is the service that watches the certificate of another; nil if
// the page has none.
func (b *board) certificateOf(s *service) *service {
	const watcher = "tls"
	if s.Kind == watcher {
		return s
	}
	for _, other := range b.services {
		if other.ParentID == s.ID && other.Kind == watcher {
			return other
		}
	}
	return nil
}
