package store

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

// noon is when the checks of these tests are made.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// hands is a clock that stands where it is set.
type hands struct{ at time.Time }

func (h *hands) now() time.Time { return h.at }

// watch opens a store by a clock, with n checks that exist since noon.
func watch(t *testing.T, h *hands, n int) (*Store, []int64) {
	t.Helper()
	h.at = noon
	s := openIn(t, Options{Now: h.now})
	ids := make([]int64, n)
	err := s.Update(t.Context(), func(tx *Tx) error {
		server := scout.Server{Name: "web-1"}
		if err := tx.SaveServer(&server); err != nil {
			return err
		}
		for i := range ids {
			c := scout.Check{ServerID: server.ID, Name: string(rune('a' + i))}
			if err := tx.SaveCheck(&c); err != nil {
				return err
			}
			ids[i] = c.ID
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, ids
}

// change is a level that a check enters, at minutes after noon.
type change struct{ minute, level int }

func note(t *testing.T, s *Store, check int64, changes ...change) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *Tx) error {
		for _, c := range changes {
			if err := tx.noteLevel(check, after(c.minute), c.level); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spent is an availability in minutes.
type spent struct{ Up, Warning, Down, Paused, Unknown int }

func minutes(a scout.Availability) spent {
	m := func(d time.Duration) int { return int(d / time.Minute) }
	return spent{m(a.Up), m(a.Warning), m(a.Down), m(a.Paused), m(a.Unknown)}
}

func available(t *testing.T, s *Store, from, to int, ids ...int64) map[int64]scout.Availability {
	t.Helper()
	all, err := s.Availability(t.Context(), ids, after(from), after(to))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	const up, warning, down, paused, unknown = levelUp, levelWarning, levelDown, levelPaused, levelUnknown
	tests := map[string]struct {
		changes  []change
		gaps     [][2]int
		from, to int
		want     spent
	}{
		"never observed":                     {nil, nil, 0, 60, spent{Unknown: 60}},
		"before the check existed":           {[]change{{0, up}}, nil, -600, 60, spent{Up: 60}},
		"time to come":                       {[]change{{0, up}}, nil, 0, 600, spent{Up: 120}},
		"each level":                         {[]change{{5, up}, {15, warning}, {35, down}, {40, paused}, {55, unknown}}, nil, 0, 60, spent{10, 20, 5, 15, 10}},
		"a change before the range":          {[]change{{0, up}, {10, down}}, nil, 20, 30, spent{Down: 10}},
		"a change at the range's beginning":  {[]change{{0, up}, {20, down}}, nil, 20, 30, spent{Down: 10}},
		"a change at the range's end":        {[]change{{0, up}, {30, down}}, nil, 20, 30, spent{Up: 10}},
		"a range within one level":           {[]change{{0, up}, {90, down}}, nil, 20, 30, spent{Up: 10}},
		"an empty range":                     {[]change{{0, up}}, nil, 20, 20, spent{}},
		"a range upside down":                {[]change{{0, up}, {25, down}}, nil, 30, 20, spent{}},
		"a range before the check":           {[]change{{0, up}}, nil, -60, -30, spent{}},
		"a level before the check existed":   {[]change{{-30, up}, {-10, down}}, nil, 0, 10, spent{Down: 10}},
		"not running":                        {[]change{{0, up}}, [][2]int{{10, 25}}, 0, 60, spent{Up: 45, Unknown: 15}},
		"not running over a change":          {[]change{{0, up}, {20, down}}, [][2]int{{10, 25}}, 0, 60, spent{Up: 10, Down: 35, Unknown: 15}},
		"not running at the range's ends":    {[]change{{0, up}}, [][2]int{{0, 25}, {55, 70}}, 20, 60, spent{Up: 30, Unknown: 10}},
		"not running all the time":           {[]change{{0, up}}, [][2]int{{10, 90}}, 20, 60, spent{Unknown: 40}},
		"not running, twice on record":       {[]change{{0, up}}, [][2]int{{10, 25}, {15, 20}, {20, 30}}, 0, 60, spent{Up: 40, Unknown: 20}},
		"paused and not running":             {[]change{{0, paused}}, [][2]int{{10, 25}}, 0, 60, spent{Paused: 60}},
		"a level again is no change":         {[]change{{0, up}, {10, up}, {20, down}, {30, down}}, nil, 0, 60, spent{Up: 20, Down: 40}},
		"confirmed late":                     {[]change{{0, up}, {20, warning}, {15, down}}, nil, 0, 60, spent{Up: 15, Down: 45}},
		"back at the time of another change": {[]change{{0, up}, {20, down}, {20, up}}, nil, 0, 60, spent{Up: 60}},
		"the clock was set back an hour":     {[]change{{0, up}, {90, down}, {100, warning}, {45, up}}, nil, 0, 120, spent{Up: 120}},
		"the clock is years behind":          {[]change{{0, up}, {20, down}, {30, up}, {-9_000_000, down}}, nil, 0, 60, spent{Up: 50, Down: 10}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h hands
			s, ids := watch(t, &h, 1)
			h.at = after(120)
			note(t, s, ids[0], tt.changes...)
			for _, g := range tt.gaps {
				gap(t, s, after(g[0]), after(g[1]))
			}
			got := minutes(available(t, s, tt.from, tt.to, ids...)[ids[0]])
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("minutes (- wanted, + got):\n%s", diff)
			}
		})
	}
}

func gap(t *testing.T, s *Store, began, ended time.Time) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.exec("INSERT INTO gaps (began, ended) VALUES (?, ?)", stored(began), stored(ended))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAvailabilityOfMany(t *testing.T) {
	t.Parallel()
	var h hands
	s, ids := watch(t, &h, 3)
	h.at = after(120)
	note(t, s, ids[0], change{0, levelUp})
	note(t, s, ids[2], change{0, levelUp}, change{30, levelDown})
	gap(t, s, after(20), after(40))
	err := s.Update(t.Context(), func(tx *Tx) error { return tx.noteLevel(ids[1], time.Time{}, levelDown) }) // now
	if err != nil {
		t.Fatal(err)
	}
	h.at = after(150)
	got := map[int64]spent{}
	for id, a := range available(t, s, 0, 150, ids[2], 99, ids[0], ids[1]) {
		got[id] = minutes(a)
	}
	want := map[int64]spent{
		ids[0]: {Up: 130, Unknown: 20}, ids[1]: {Down: 30, Unknown: 120}, ids[2]: {Up: 20, Down: 110, Unknown: 20},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("minutes (- wanted, + got):\n%s", diff)
	}
	if got := available(t, s, 0, 150); len(got) != 0 {
		t.Errorf("of no checks: %v", got)
	}
}

// Whatever happens, the parts are those one counts minute by minute.
func TestAvailabilityIsWhatMinutesSay(t *testing.T) {
	t.Parallel()
	var h hands
	s, ids := watch(t, &h, 1)
	const end = 60
	h.at = after(end)
	rapid.Check(t, func(r *rapid.T) {
		at := rapid.SliceOfNDistinct(rapid.IntRange(0, end), 0, 8, rapid.ID).Draw(r, "changes at")
		changes := make([]change, len(at))
		level := make([]int, end)
		for i, m := range at { // in any order: the later note knows better
			changes[i] = change{m, rapid.IntRange(levelUnknown, levelPaused).Draw(r, "level")}
			for j := m; j < end; j++ {
				level[j] = changes[i].level
			}
		}
		gaps := make([][2]int, rapid.IntRange(0, 3).Draw(r, "gaps"))
		for i := range gaps {
			gaps[i][0] = rapid.IntRange(0, end).Draw(r, "began")
			gaps[i][1] = rapid.IntRange(gaps[i][0], end+10).Draw(r, "ended")
			for j := gaps[i][0]; j < min(gaps[i][1], end); j++ {
				if level[j] != levelPaused {
					level[j] = levelUnknown
				}
			}
		}
		if err := s.Update(t.Context(), rewrite(ids[0], changes, gaps)); err != nil {
			r.Fatal(err)
		}
		from := rapid.IntRange(-10, end).Draw(r, "from")
		to := rapid.IntRange(from, end+10).Draw(r, "to")
		var want spent
		parts := [...]*int{levelUnknown: &want.Unknown, levelUp: &want.Up, levelWarning: &want.Warning, levelDown: &want.Down, levelPaused: &want.Paused}
		for i := max(from, 0); i < min(to, end); i++ {
			*parts[level[i]]++
		}
		if got := minutes(available(t, s, from, to, ids[0])[ids[0]]); got != want {
			r.Fatalf("minutes = %+v, want %+v", got, want)
		}
	})
}

// rewrite replaces all levels and gaps.
func rewrite(check int64, changes []change, gaps [][2]int) func(*Tx) error {
	return func(tx *Tx) error {
		_, e1 := tx.exec("DELETE FROM levels")
		_, e2 := tx.exec("DELETE FROM gaps")
		errs := []error{e1, e2}
		for _, c := range changes {
			errs = append(errs, tx.noteLevel(check, after(c.minute), c.level))
		}
		for _, g := range gaps {
			_, err := tx.exec("INSERT INTO gaps (began, ended) VALUES (?, ?)", stored(after(g[0])), stored(after(g[1])))
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
}

func TestGapsBetweenProcesses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		away time.Duration
		want int
	}{
		"a restart":            {shortestGap, 0},
		"longer":               {time.Minute, 1},
		"the clock was behind": {-time.Hour, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hands{noon}
			dir := emptyFolder(t)
			if err := opensAndCloses(Options{Dir: dir, Now: h.now}); err != nil {
				t.Fatal(err)
			}
			h.at = noon.Add(tt.away)
			s := openIn(t, Options{Dir: dir, Now: h.now})
			if got := allGaps(t, s); len(got) != tt.want || tt.want == 1 && got[0] != (span{stored(noon), stored(h.at)}) {
				t.Errorf("gaps = %v, want %d", got, tt.want)
			}
		})
	}
}

func opensAndCloses(o Options) error {
	s, err := Open(o)
	if err != nil {
		return err
	}
	return s.Close()
}

func allGaps(t *testing.T, s *Store) []span {
	t.Helper()
	list, err := s.gaps(t.Context(), time.Time{}, noon.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMarkOfLife(t *testing.T) {
	t.Parallel()
	h := hands{noon}
	s := openIn(t, Options{Now: h.now})
	beatAt := func(minute int) {
		t.Helper()
		h.at = after(minute)
		if err := s.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	beatAt(0)
	beatAt(1)
	if got := allGaps(t, s); len(got) != 0 {
		t.Errorf("gaps = %v while it ran", got)
	}
	beatAt(61) // the machine was suspended
	if got := allGaps(t, s); len(got) != 1 || got[0] != (span{stored(after(1)), stored(after(61))}) {
		t.Errorf("gaps = %v, want the hour", got)
	}
	limitPages(t, s, 1) // a full disk, for as long
	h.at = after(62)
	for minute := 62; minute < 100; minute++ {
		h.at = after(minute)
		_ = s.beat(t.Context())
	}
	limitPages(t, s, 1_000_000)
	beatAt(100)
	if got := allGaps(t, s); len(got) != 1 {
		t.Errorf("gaps = %v: it ran though it could not write", got)
	}
}

// A process that was killed has left its last mark.
func TestGapAfterKill(t *testing.T) {
	t.Parallel()
	h := hands{noon}
	dir := t.TempDir()
	s := openIn(t, Options{Dir: dir, Now: h.now})
	h.at = after(1)
	if err := s.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.at = after(9)
	killed := copyFolder(t, dir)
	h.at = after(10)
	if got := allGaps(t, openIn(t, Options{Dir: killed, Now: h.now})); len(got) != 1 || got[0] != (span{stored(after(1)), stored(after(10))}) {
		t.Errorf("gaps = %v, want from the last mark", got)
	}
}

// A ledger from before levels were kept begins with what was known then.
func TestLevelsOfAnOlderLedger(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, ledgerFile)
	db, err := sqliteDialect.open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqliteDialect.migrateTo(db, "ledger", 2); err != nil {
		t.Fatal(err)
	}
	noonUS, laterUS := stored(noon), stored(after(30))
	_, err = db.Exec("INSERT INTO servers (id, name, ip, tags, source, created_at, updated_at) VALUES (1, 'a', '', '[]', '', 0, 0)")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id, paused int
		level      scout.Level
	}{{1, 0, scout.Down}, {2, 1, scout.Up}, {3, 1, scout.Unknown}, {4, 0, scout.Unknown}} {
		_, err := db.Exec(`INSERT INTO checks (id, server_id, name, kind, interval_us, timeout_us, confirm_us, fail_after, recover_after,
			sealed, paused, source, created_at, updated_at) VALUES (?, 1, ?, '', 0, 0, 0, 0, 0, x'', ?, '', ?, ?)`,
			c.id, string(rune('a'+c.id)), c.paused, noonUS, laterUS)
		if c.level != scout.Unknown {
			_, e2 := db.Exec("INSERT INTO check_states (check_id, level, since, incident_id) VALUES (?, ?, ?, '')", c.id, c.level, stored(after(10)))
			err = errors.Join(err, e2)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openIn(t, Options{Dir: dir, Now: (&hands{after(60)}).now})
	got := map[int64]spent{}
	for id, a := range available(t, s, 0, 60, 1, 2, 3, 4) {
		got[id] = minutes(a)
	}
	want := map[int64]spent{1: {Down: 50, Unknown: 10}, 2: {Up: 20, Paused: 30, Unknown: 10}, 3: {Paused: 30, Unknown: 30}, 4: {Unknown: 60}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("minutes (- wanted, + got):\n%s", diff)
	}
}
