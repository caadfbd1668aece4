package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// inventory fills a store with servers whose checks are at some levels. Level
// "paused" stands for a paused check.
func inventory(t *testing.T, s *Store, servers map[string][]string) map[string]int64 {
	t.Helper()
	ids := map[string]int64{}
	err := s.Update(t.Context(), func(tx *Tx) error {
		for _, name := range sortedNames(servers) {
			server := scout.Server{Name: name, IP: "10.0.0.7", Tags: []string{name[:1], "all"}}
			if strings.HasSuffix(name, "bare") {
				server.Tags = nil
			}
			if err := tx.SaveServer(&server); err != nil {
				return err
			}
			ids[name] = server.ID
			for i, level := range servers[name] {
				c := scout.Check{ServerID: server.ID, Name: string(rune('a' + i)), Paused: level == "paused"}
				if err := tx.SaveCheck(&c); err != nil {
					return err
				}
				at, err := scout.ParseLevel(level)
				if err != nil {
					continue
				}
				if err := tx.SaveState(scout.CheckState{CheckID: c.ID, Level: at}, time.Time{}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func sortedNames(servers map[string][]string) []string {
	names := []string{}
	for name := range servers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestFindServers(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	inventory(t, s, map[string][]string{
		"a up":      {"up", "up", "paused"},
		"b down":    {"up", "down", "warning"},
		"c empty":   {},
		"d warning": {"warning", "unknown"},
		"e paused":  {"paused"},
		"f never":   {"up", "unknown"},
		"g 100%_up": {"up"},
	})
	tests := map[string]struct {
		query         scout.ServerQuery
		offset, limit int
		want          string
	}{
		"all, the worst first": {limit: 50, want: "b down, d warning, c empty, f never, a up, g 100%_up, e paused"},
		"a page":               {offset: 2, limit: 2, want: "c empty, f never"},
		"past the end":         {offset: 50, limit: 2, want: ""},
		"down":                 {scout.ServerQuery{Standing: scout.StandsDown}, 0, 50, "b down"},
		"warning":              {scout.ServerQuery{Standing: scout.StandsWarning}, 0, 50, "d warning"},
		"unknown":              {scout.ServerQuery{Standing: scout.StandsUnknown}, 0, 50, "c empty, f never"},
		"paused":               {scout.ServerQuery{Standing: scout.StandsPaused}, 0, 50, "e paused"},
		"up":                   {scout.ServerQuery{Standing: scout.StandsUp}, 0, 50, "a up, g 100%_up"},
		"no such standing":     {scout.ServerQuery{Standing: "'; DROP TABLE servers"}, 0, 50, ""},
		"by tag":               {scout.ServerQuery{Tag: "b"}, 0, 50, "b down"},
		"by text":              {scout.ServerQuery{Contains: "NEVER"}, 0, 50, "f never"},
		"text taken literally": {scout.ServerQuery{Contains: "0%_"}, 0, 50, "g 100%_up"},
		"by address":           {scout.ServerQuery{Contains: "0.0.7", Tag: "a"}, 0, 50, "a up"},
		"by tag and standing":  {scout.ServerQuery{Tag: "all", Standing: scout.StandsUp}, 0, 50, "a up, g 100%_up"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := s.FindServers(t.Context(), tt.query, tt.offset, tt.limit)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, v := range list {
				got = append(got, v.Server.Name)
				if tt.query.Standing != "" && v.Checks.Standing() != tt.query.Standing {
					t.Errorf("%s stands %s, by its counts %+v", v.Server.Name, v.Checks.Standing(), v.Checks)
				}
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("servers = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestServersAreCounted(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	ids := inventory(t, s, map[string][]string{"a": {"up", "up", "down", "warning", "unknown", "paused", ""}, "b": {"up"}, "c bare": {"up"}})
	list, err := s.FindServers(t.Context(), scout.ServerQuery{}, 0, 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d servers, %v", len(list), err)
	}
	if diff := cmp.Diff(scout.CheckCounts{Up: 2, Down: 1, Warning: 1, Unknown: 2, Paused: 1}, list[0].Checks); diff != "" {
		t.Error(diff)
	}
	checks, err := s.ChecksOn(t.Context(), []int64{ids["a"], ids["b"], 999})
	if err != nil || len(checks) != 8 || checks[7].ServerID != ids["b"] {
		t.Errorf("%d checks, %v", len(checks), err)
	}
	if none, err := s.ChecksOn(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("checks of no server: %d, %v", len(none), err)
	}
	tags, err := s.Tags(t.Context(), 3)
	if err != nil || strings.Join(tags, " ") != "a all b" {
		t.Errorf("tags = %v, %v", tags, err)
	}
}

func TestStretches(t *testing.T) {
	t.Parallel()
	var h hands
	s, ids := watch(t, &h, 2)
	h.at = after(120)
	note(t, s, ids[0], change{0, levelUp}, change{20, levelDown}, change{30, levelPaused}, change{40, levelUp})
	gap(t, s, after(10), after(15))
	gap(t, s, after(18), after(22))
	all, err := s.Stretches(t.Context(), ids, after(5), after(50))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, v := range all[ids[0]] {
		word := v.Level.String()
		if v.Paused {
			word = "paused"
		}
		got = append(got, v.From.UTC().Format("15:04")+" "+word)
	}
	want := "12:05 up, 12:10 unknown, 12:15 up, 12:18 unknown, 12:20 unknown, 12:22 down, 12:30 paused, 12:40 up"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("stretches\n%s, want\n%s", text, want)
	}
	if other := all[ids[1]]; len(other) != 1 || other[0].Level != scout.Unknown || !other[0].To.Equal(after(50)) {
		t.Errorf("a check that was never observed: %+v", other)
	}
}

func TestRollupsOfManyChecks(t *testing.T) {
	t.Parallel()
	var h hands
	s, ids := watch(t, &h, 3)
	for i, id := range ids[:2] {
		for minute := range 125 {
			s.RecordResult(scout.Result{CheckID: id, At: after(minute), Level: scout.Up, Latency: time.Duration(i+1) * time.Millisecond})
		}
	}
	if err := s.FlushResults(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.at = after(150)
	if err := s.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := s.RollupsOf(t.Context(), ids, time.Hour, after(0), after(120))
	if err != nil || len(all) != 2 {
		t.Fatalf("rollups of %d checks, %v", len(all), err)
	}
	for i, id := range ids[:2] {
		one, err := s.Rollups(t.Context(), id, time.Hour, after(0), after(120))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, all[id]); diff != "" || len(one) != 2 || one[0].Median != time.Duration(i+1)*time.Millisecond {
			t.Errorf("check %d, alone and among others: %s", id, diff)
		}
	}
}

// What the overview reads of many checks is looked up by check, however long
// the history is.
func TestManyChecksAreLookedUp(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	for name, tt := range map[string]struct {
		read reader
		text string
		want string
	}{
		"levels":  {s.read, levelChanges + "?, ?" + levelOrder, "SEARCH l USING PRIMARY KEY (check_id=? AND at>? AND at<?)"},
		"rollups": {s.results.read, rollupsOf + "?, ?" + rollupsOrder, "SEARCH rollups USING PRIMARY KEY (window_us=? AND check_id=? AND start>? AND start<?)"},
	} {
		steps := planIn(t, tt.read, tt.text)
		found := false
		for _, step := range steps {
			found = found || strings.HasPrefix(step, tt.want)
		}
		if !found {
			t.Errorf("%s: %q, want %q", name, steps, tt.want)
		}
	}
}
