package glance

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ Store = (*store.Store)(nil)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func hours(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }

// look is at the four hours before half past noon, in beats of an hour: they
// begin at 9, 10, 11 and 12.
func fourHours() frame { return frame{from: hours(-3), length: time.Hour, n: 4} }

func TestFrame(t *testing.T) {
	t.Parallel()
	for r, want := range map[Range]frame{
		Day:     {time.Date(2026, 2, 28, 13, 0, 0, 0, time.UTC), time.Hour, 24},
		Week:    {time.Date(2026, 2, 22, 16, 0, 0, 0, time.UTC), 4 * time.Hour, 42},
		Month:   {time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), 24 * time.Hour, 30},
		Quarter: {time.Date(2025, 12, 2, 0, 0, 0, 0, time.UTC), 48 * time.Hour, 45},
	} {
		got := Look{Range: r, Now: noon.Add(time.Minute)}.frame()
		if got.length != want.length || got.n != want.n || got.from.After(noon) || !got.start(got.n).After(noon) || got.start(got.n-1).After(noon.Add(time.Minute)) {
			t.Errorf("%s: %+v, want the present in the last of %d beats of %s", r, got, want.n, want.length)
		}
		if r == Day && !got.from.Equal(want.from) {
			t.Errorf("%s begins at %s, want %s", r, got.from, want.from)
		}
	}
	if f := (Look{Range: Day, Now: noon, Beats: 48}).frame(); f.length != 30*time.Minute || f.n != 48 {
		t.Errorf("48 beats: %+v", f)
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for _, r := range Ranges() {
		if ParseRange(string(r)) != r || r.Length()%time.Duration(r.Beats()) != 0 || !strings.Contains(r.Label(), " ") {
			t.Errorf("range %s: %s, %d beats", r, r.Label(), r.Beats())
		}
	}
	for _, text := range []string{"", "1y", "24H", strings.Repeat("9", 1000)} {
		if ParseRange(text) != Day {
			t.Errorf("%q is a range", text)
		}
	}
}

func TestBeats(t *testing.T) {
	t.Parallel()
	up := func(from, to float64) scout.Stretch {
		return scout.Stretch{From: hours(from), To: hours(to), Level: scout.Up}
	}
	down := func(from, to float64) scout.Stretch {
		return scout.Stretch{From: hours(from), To: hours(to), Level: scout.Down}
	}
	tests := map[string]struct {
		past []scout.Stretch
		want string
	}{
		"nothing":              {nil, "unknown; unknown; unknown; unknown"},
		"up all the time":      {[]scout.Stretch{up(-9, 0.5)}, "up up 1 h; up up 1 h; up up 1 h; up up 30 min"},
		"an outage in a beat":  {[]scout.Stretch{up(-3, -1.5), down(-1.5, -1.25), up(-1.25, 0.5)}, "up up 1 h; down down 15 min, up 45 min; up up 1 h; up up 30 min"},
		"an outage over beats": {[]scout.Stretch{up(-3, -2.5), down(-2.5, -0.5), up(-0.5, 0.5)}, "down down 30 min, up 30 min; down down 1 h; down down 30 min, up 30 min; up up 30 min"},
		"at the edges":         {[]scout.Stretch{down(-2, -1)}, "unknown; down down 1 h; unknown; unknown"},
		"before and after":     {[]scout.Stretch{down(-9, -3), down(1, 5)}, "unknown; unknown; unknown; unknown"},
		"paused":               {[]scout.Stretch{{From: hours(-3), To: hours(-2), Paused: true}}, "paused paused 1 h; unknown; unknown; unknown"},
		"not running":          {[]scout.Stretch{{From: hours(-3), To: hours(0.5)}}, "unknown; unknown; unknown; unknown"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := said(fourHours().beats(fourHours().divide(tt.past), nil)); got != tt.want {
				t.Errorf("beats\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

func said(beats []ui.Beat) string {
	list := make([]string, len(beats))
	for i, b := range beats {
		list[i] = strings.TrimSpace(string(b.State) + " " + b.Says)
	}
	return strings.Join(list, "; ")
}

func TestBeatsSayLatency(t *testing.T) {
	t.Parallel()
	rollups := []scout.Rollup{
		{Start: hours(-4), Up: 60, Min: 1, Median: 1, Max: 1},
		{Start: hours(-2), Up: 60, Min: 20 * time.Millisecond, Median: 31 * time.Millisecond, Max: 80 * time.Millisecond},
		{Start: hours(1), Up: 60, Min: 1, Median: 1, Max: 1},
	}
	got := said(fourHours().beats(fourHours().divide([]scout.Stretch{{From: hours(-3), To: hours(-1), Level: scout.Up}}), rollups))
	if want := "up up 1 h; up up 1 h, 31 ms (20 ms to 80 ms); unknown; unknown"; got != want {
		t.Errorf("beats\n%s, want\n%s", got, want)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	tests := map[string]struct {
		in   []scout.Rollup
		want scout.Rollup
	}{
		"nothing": {nil, scout.Rollup{}},
		"several": {
			[]scout.Rollup{{Start: noon, Up: 5, Min: 20 * ms, Median: 30 * ms, Max: 40 * ms}, {Up: 3, Warning: 1, Down: 1, Min: 10 * ms, Median: 50 * ms, Max: 900 * ms}, {Up: 5, Min: 30 * ms, Median: 31 * ms, Max: 35 * ms}},
			scout.Rollup{Start: noon, Up: 13, Warning: 1, Down: 1, Min: 10 * ms, Median: 31 * ms, Max: 900 * ms},
		},
		"some without an answer": {
			[]scout.Rollup{{Down: 5}, {Up: 5, Min: 20 * ms, Median: 30 * ms, Max: 40 * ms}},
			scout.Rollup{Up: 5, Down: 5, Min: 20 * ms, Median: 30 * ms, Max: 40 * ms},
		},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, Merge(tt.in)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLatest(t *testing.T) {
	t.Parallel()
	results := []scout.Result{
		{At: noon, Level: scout.Down, Message: "It is not responding"},
		{At: hours(-1), Level: scout.Up, Latency: 31 * time.Millisecond},
		{At: hours(-2), Level: scout.Warning, Latency: time.Second, Message: "slow"},
	}
	if got, want := said(Latest(results, 4)), "unknown; warning warning, 1000 ms. slow; up up, 31 ms; down down. It is not responding"; got != want {
		t.Errorf("beats\n%s, want\n%s", got, want)
	}
	if got := said(Latest(results, 1)); got != "down down. It is not responding" {
		t.Errorf("one beat: %s", got)
	}
	if got := said(Latest(nil, 2)); got != "unknown; unknown" {
		t.Errorf("no results: %s", got)
	}
}

func TestServerIsTheWorstOfItsChecks(t *testing.T) {
	t.Parallel()
	up, warning := scout.Availability{Up: time.Hour}, scout.Availability{Warning: time.Hour}
	paused, nothing := scout.Availability{Paused: time.Hour}, scout.Availability{}
	of := func(name string, s ui.State, spent ...scout.Availability) record {
		return record{Check: Check{Check: scout.Check{Name: name}, State: s}, spent: spent}
	}
	records := []record{
		of("HTTP", ui.Down, up, scout.Availability{Up: 55 * time.Minute, Down: 5 * time.Minute}, nothing, nothing),
		of("A", ui.Up, up, warning, up, nothing),
		of("B", ui.Paused, paused, paused, paused, paused),
	}
	got := said(fourHours().worst(records))
	if want := "up 2 checks up; down HTTP: down 5 min; A: warning 1 h; up 1 check up; paused"; got != want {
		t.Errorf("beats\n%s, want\n%s", got, want)
	}
	if got := said(fourHours().worst(nil)); got != "unknown; unknown; unknown; unknown" {
		t.Errorf("without checks: %s", got)
	}
	checks := together(scout.CountedServer{}, records, fourHours()).Checks
	if checks[0].Name != "HTTP" || checks[2].Name != "A" {
		t.Errorf("order: %s, %s, %s", checks[0].Name, checks[1].Name, checks[2].Name)
	}
}

// What a real store has on record is told as it was.
func TestGlanceAtAStore(t *testing.T) {
	t.Parallel()
	now := hours(-48)
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	ctx := t.Context()
	a, b := scout.Server{Name: "a"}, scout.Server{Name: "b"}
	http, ssh := scout.Check{Name: "HTTP"}, scout.Check{Name: "SSH", Paused: true}
	must(t, s.Update(ctx, func(tx *store.Tx) error {
		must(t, tx.SaveServer(&a))
		must(t, tx.SaveServer(&b))
		http.ServerID, ssh.ServerID = a.ID, a.ID
		must(t, tx.SaveCheck(&http))
		must(t, tx.SaveCheck(&ssh))
		must(t, tx.SaveState(scout.CheckState{CheckID: http.ID, Level: scout.Up, Since: now}, now))
		return tx.SaveState(scout.CheckState{CheckID: http.ID, Level: scout.Down, Since: hours(-1), IncidentID: "7"}, hours(-1))
	}))
	now = noon
	g := New(s)
	list, err := s.FindServers(ctx, scout.ServerQuery{}, 0, 10)
	must(t, err)
	servers, err := g.Servers(ctx, list, Look{Range: Day, Now: now})
	must(t, err)
	if len(servers) != 2 || servers[0].Name != "a" || servers[0].State != ui.Down || servers[1].State != ui.Unknown || len(servers[1].Beats) != 24 {
		t.Fatalf("servers = %+v", servers)
	}
	c := servers[0].Checks[0]
	if c.Name != "HTTP" || c.State != ui.Down || c.IncidentID != "7" || !c.Since.Equal(hours(-1)) || servers[0].Checks[1].State != ui.Paused {
		t.Errorf("checks = %+v", servers[0].Checks)
	}
	if p, known := c.Uptime.Percent(); !known || p < 95.8 || p > 95.9 {
		t.Errorf("uptime = %v, want 23 of 24 hours", p)
	}
	uptimes, err := g.Uptimes(ctx, http.ID, now)
	must(t, err)
	for i, want := range []time.Duration{23 * time.Hour, 47 * time.Hour, 47 * time.Hour, 47 * time.Hour} {
		if uptimes[i].Up != want || uptimes[i].Down != time.Hour {
			t.Errorf("%s: %+v, want %s up", uptimes[i].Range, uptimes[i].Availability, want)
		}
	}
	if none, err := g.Servers(ctx, nil, Look{Range: Day, Now: now}); err != nil || none != nil {
		t.Errorf("no servers: %v, %v", none, err)
	}
}

// counting is a store that counts what is asked of it.
type counting struct {
	*store.Store
	queries, rollups int
}

func (c *counting) StatesOf(ctx context.Context, ids []int64) (map[int64]scout.CheckState, error) {
	c.queries++
	return c.Store.StatesOf(ctx, ids)
}

func (c *counting) Stretches(ctx context.Context, ids []int64, from, to time.Time) (map[int64][]scout.Stretch, error) {
	c.queries++
	return c.Store.Stretches(ctx, ids, from, to)
}

func (c *counting) RollupsOf(ctx context.Context, ids []int64, window time.Duration, from, to time.Time) (map[int64][]scout.Rollup, error) {
	c.rollups++
	return c.Store.RollupsOf(ctx, ids, window, from, to)
}

// However many checks there are, they take as few queries; latencies are left
// out where they would be too many.
func TestFewQueries(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Options{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	checks := make([]scout.Check, 250)
	for i := range checks {
		checks[i].ID = int64(i + 1)
	}
	c := &counting{Store: s}
	g := New(c)
	for i, want := range []int{15, 15 + 12} {
		for _, r := range Ranges() {
			_, err := g.Checks(t.Context(), checks, Look{Range: r, Now: noon})
			must(t, err)
		}
		if c.queries != want || c.rollups != i+1 {
			t.Errorf("%d queries and %d for latencies, want 4 for each range but 3 for the day, then 3, and 1 for the day", c.queries, c.rollups)
		}
	}
}

// What is remembered is told as if it had been read: while time goes on, and
// levels change, a reader that lasts tells the same as a new one.
func TestMemoryTellsTheSame(t *testing.T) {
	t.Parallel()
	now := hours(-30 * 24)
	s, err := store.Open(store.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	server, check := scout.Server{Name: "a"}, scout.Check{Name: "HTTP"}
	must(t, s.Update(t.Context(), func(tx *store.Tx) error {
		must(t, tx.SaveServer(&server))
		check.ServerID = server.ID
		return tx.SaveCheck(&check)
	}))
	list, err := s.FindServers(t.Context(), scout.ServerQuery{}, 0, 1)
	must(t, err)
	lasting := New(s)
	random := rand.New(rand.NewPCG(1, 2))
	levels := []scout.Level{scout.Up, scout.Down, scout.Up, scout.Warning}
	changed, changes := now, 0
	for range 400 {
		now = now.Add(time.Duration(random.Int64N(int64(50 * time.Minute))))
		if random.IntN(8) == 0 {
			began := now.Add(-time.Duration(random.Int64N(int64(now.Sub(changed))))) // it was confirmed late
			must(t, s.Update(t.Context(), func(tx *store.Tx) error {
				return tx.SaveState(scout.CheckState{CheckID: check.ID, Level: levels[changes%len(levels)], Since: began}, began)
			}))
			changed, changes = now, changes+1
		}
		for _, r := range Ranges() {
			look := Look{Range: r, Now: now.Add(time.Second)}
			got, err := lasting.Servers(t.Context(), list, look)
			must(t, err)
			want, err := New(s).Servers(t.Context(), list, look)
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("at %s, over %s (-read, +remembered):\n%s", look.Now, look.Range, diff)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
