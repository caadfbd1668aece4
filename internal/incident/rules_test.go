package incident_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// TestLevels holds the rules of levels and incidents, a row for each. Times
// are the numbers of results.
func TestLevels(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule                    string
		failAfter, recoverAfter int
		results                 string
		want                    []string
	}{
		{"a worse level is entered after fail_after consecutive results", 3, 2, "U DDD", []string{"opened down 4, began 2"}},
		{"fewer results do not enter it", 3, 2, "U DD", nil},
		{"a good result between starts the count again", 3, 2, "U DD U DD", nil},
		{"and the incident begins after it", 3, 2, "U DD U DDD", []string{"opened down 7, began 5"}},
		{"one result is enough if fail_after says so", 1, 2, "U D", []string{"opened down 2, began 2"}},
		{"warning is entered in the same way", 3, 2, "U WWW", []string{"opened warning 4, began 2"}},
		{"more of the same tells nothing", 2, 2, "U DDDDDD", []string{"opened down 3, began 2"}},
		{"results above a level count for it", 3, 2, "U WDD", []string{"opened warning 4, began 2"}},
		{"and go on counting for the worse level", 3, 2, "U WDD D", []string{"opened warning 4, began 2", "worsened down 5, began 2"}},
		{"results below a level do not count for it", 3, 2, "U DDW", []string{"opened warning 4, began 2"}},
		{
			"and start its count again", 3, 2, "U DDW DDD",
			[]string{"opened warning 4, began 2", "worsened down 7, began 2"},
		},
		{"a confirmed warning worsens after fail_after results", 2, 2, "U WW D D", []string{"opened warning 3, began 2", "worsened down 5, began 2"}},

		{
			"a better level is entered after recover_after consecutive results", 1, 3, "U D UUU",
			[]string{"opened down 2, began 2", "recovered 5, began 2, ended 3"},
		},
		{"fewer results do not recover", 1, 3, "U D UU", []string{"opened down 2, began 2"}},
		{"a bad result between starts that count again", 1, 3, "U D UU D UU", []string{"opened down 2, began 2"}},
		{
			"and the incident ends after it", 1, 3, "U D UU D UUU",
			[]string{"opened down 2, began 2", "recovered 8, began 2, ended 6"},
		},
		{
			"down eases to a warning", 1, 2, "U D WW",
			[]string{"opened down 2, began 2", "eased warning 4, began 2"},
		},
		{
			"results below a level count for easing to it", 1, 2, "U D WU",
			[]string{"opened down 2, began 2", "eased warning 4, began 2"},
		},
		{
			"the end is the first good result, which the easing did not use up", 1, 2, "U D WU U",
			[]string{"opened down 2, began 2", "eased warning 4, began 2", "recovered 5, began 2, ended 4"},
		},
		{
			"a warning does not count for up", 1, 2, "U D U W U",
			[]string{"opened down 2, began 2", "eased warning 4, began 2"},
		},
		{
			"one good result is enough if recover_after says so", 3, 1, "U DDD U",
			[]string{"opened down 4, began 2", "recovered 5, began 2, ended 5"},
		},
		{
			"worsening and easing stay within one incident", 1, 1, "U W D W D U",
			[]string{
				"opened warning 2, began 2", "worsened down 3, began 2", "eased warning 4, began 2",
				"worsened down 5, began 2", "recovered 6, began 2, ended 6",
			},
		},
		{
			"after the end a new incident begins", 1, 1, "U D U D",
			[]string{"opened down 2, began 2", "recovered 3, began 2, ended 3", "opened down 4, began 4"},
		},

		{"a check that was never observed is unknown, and up makes no alert", 1, 1, "UUU", nil},
		{"one bad result of a new check confirms nothing", 2, 2, "D", nil},
		{"a new check that was down all along", 3, 2, "DDD", []string{"opened down 3, began 1"}},
		{"a new check is up with its first good result", 2, 5, "D U DD", []string{"opened down 4, began 3"}},

		{"a restart does not open an open incident again", 2, 2, "U DD | DDD", []string{"opened down 3, began 2"}},
		{
			"it closes if the service recovered meanwhile", 2, 2, "U DD | UU",
			[]string{"opened down 3, began 2", "recovered 5, began 2, ended 4"},
		},
		{"a half-counted failure starts again", 3, 2, "U DD | DD", nil},
		{"and the incident begins after the restart", 3, 2, "U DD | DDD", []string{"opened down 6, began 4"}},
		{
			"a half-counted recovery starts again", 2, 2, "U DD U | U",
			[]string{"opened down 3, began 2"},
		},
		{
			"and ends after the restart", 2, 2, "U DD U | UU",
			[]string{"opened down 3, began 2", "recovered 6, began 2, ended 5"},
		},
		{
			"an incident worsens across a restart", 2, 2, "U WW | DD",
			[]string{"opened warning 3, began 2", "worsened down 5, began 2"},
		},
		{
			"an incident eases across a restart", 2, 2, "U DD | WW",
			[]string{"opened down 3, began 2", "eased warning 5, began 2"},
		},
		{"a restart before the first result changes nothing", 2, 2, "| DD", []string{"opened down 2, began 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			w := watched(t, tt.failAfter, tt.recoverAfter, tt.results)
			if diff := cmp.Diff(tt.want, told(w.events), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.results, diff)
			}
			checkStory(t, w.events)
		})
	}
}

func TestConfirmedLevel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, results string
		level         scout.Level
		since         int // minute; 0 for never
		confirming    bool
	}{
		{"never observed", "", scout.Unknown, 0, false},
		{"a first bad result is being confirmed", "D", scout.Unknown, 0, true},
		{"a first good result is enough", "U", scout.Up, 1, false},
		{"more of the same does not renew it", "UUU", scout.Up, 1, false},
		{"up, and a warning is being confirmed", "UW", scout.Up, 1, true},
		{"up again before it was confirmed", "UWU", scout.Up, 1, false},
		{"confirmed down", "UDD", scout.Down, 3, false},
		{"down, and a recovery is being confirmed", "UDDU", scout.Down, 3, true},
		{"down, and an easing is being confirmed", "UDDW", scout.Down, 3, true},
		{"a warning that may be worse", "UWD", scout.Warning, 3, true},
		{"recovered", "UDDUU", scout.Up, 5, false},
		{"restored, nothing seen yet", "UDD|", scout.Down, 3, false},
		{"restored in the middle of a recovery", "UDDU|", scout.Down, 3, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := watched(t, 2, 2, tt.results).state
			since := time.Time{}
			if tt.since > 0 {
				since = minute(tt.since)
			}
			if s.Level != tt.level || !s.Since.Equal(since) || s.Confirming() != tt.confirming {
				t.Errorf("level %s since %s, confirming %t; want %s since %s, %t",
					s.Level, s.Since, s.Confirming(), tt.level, since, tt.confirming)
			}
		})
	}
}

// TestEventIsASnapshot compares one story's events and incident in full.
func TestEventIsASnapshot(t *testing.T) {
	t.Parallel()
	w := watched(t, 2, 2, "U WW DD UU")
	common := scout.Event{
		IncidentID: "1", CheckID: 7,
		Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Tags: []string{"prod", "web"},
		Began: minute(2),
	}
	opened, worsened, recovered := common, common, common
	opened.Seq, opened.Kind, opened.Level = 1, scout.Opened, scout.Warning
	opened.At, opened.Duration, opened.Message = minute(3), time.Minute, "result 3 says warning"
	opened.Evidence = []scout.Result{result(2, scout.Warning), result(3, scout.Warning)}
	worsened.Seq, worsened.Kind, worsened.Level = 2, scout.Worsened, scout.Down
	worsened.At, worsened.Duration, worsened.Message = minute(5), 3*time.Minute, "result 5 says down"
	worsened.Evidence = []scout.Result{result(4, scout.Down), result(5, scout.Down)}
	recovered.Seq, recovered.Kind, recovered.Level = 3, scout.Recovered, scout.Up
	recovered.At, recovered.Ended, recovered.Duration = minute(7), minute(6), 4*time.Minute
	recovered.Message = "result 7 says up"
	recovered.Evidence = []scout.Result{result(6, scout.Up), result(7, scout.Up)}
	if diff := cmp.Diff([]scout.Event{opened, worsened, recovered}, w.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if w.ids != 1 {
		t.Errorf("%d ids were asked for, want one for the incident", w.ids)
	}
}

func TestIncidentFollowsItsEvents(t *testing.T) {
	t.Parallel()
	want := scout.Incident{
		ID: "1", CheckID: 7, Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Tags: []string{"prod", "web"},
		Began: minute(2), Opened: minute(3),
	}
	w := watched(t, 2, 2, "U DD")
	want.Level, want.Worst, want.Events, want.Message = scout.Down, scout.Down, 1, "result 3 says down"
	want.Latest = minute(3)
	if diff := cmp.Diff(want, w.state.Incident); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
	w.see(t, "WW")
	want.Level, want.Events, want.Message = scout.Warning, 2, "result 5 says warning"
	want.Latest = minute(5)
	if diff := cmp.Diff(want, w.state.Incident); diff != "" {
		t.Errorf("eased (-want +got):\n%s", diff)
	}
	w.see(t, "U")
	closed, e := incident.Step(w.state, w.target, result(7, scout.Up), w.newID)
	if e == nil || closed.Incident.Open() {
		t.Fatalf("two good results left it open: %+v", closed.Incident)
	}
	want.Events, want.Message = 3, "result 7 says up"
	want.Ended, want.Closed, want.Latest = minute(6), minute(7), minute(7)
	if diff := cmp.Diff(want, closed.Incident); diff != "" {
		t.Errorf("recovered (-want +got):\n%s", diff)
	}
	if got := closed.Closed(); got.Incident.ID != "" || got.Level != scout.Up {
		t.Errorf("Closed leaves %+v at %s, want no incident, up", got.Incident, got.Level)
	}
}

func TestIncidentIDs(t *testing.T) {
	t.Parallel()
	ids := []string{}
	for _, e := range watched(t, 1, 1, "U WDU DU").events {
		ids = append(ids, e.IncidentID)
	}
	if diff := cmp.Diff([]string{"1", "1", "1", "2", "2"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	var asked []time.Time
	s := incident.State{}
	for n, level := range []scout.Level{scout.Up, scout.Down, scout.Down} {
		s, _ = incident.Step(s, target(2, 1), result(n, level), func(now time.Time) string {
			asked = append(asked, now)
			return "1"
		})
	}
	if diff := cmp.Diff([]time.Time{minute(2)}, asked); diff != "" {
		t.Errorf("newID was called for (-want +got):\n%s", diff)
	}
}

func TestServerIP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, configured, first, last, want string
	}{
		{"the configured address comes first", "10.0.0.1", "10.9.9.9", "10.9.9.9", "10.0.0.1"},
		{"else the one the probe resolved", "", "10.9.9.8", "10.9.9.9", "10.9.9.9"},
		{"the last one known where a probe reached none", "", "10.9.9.8", "", "10.9.9.8"},
		{"empty when there is none", "", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := &watch{target: target(1, 1)}
			w.target.Server.IP = tt.configured
			up, down := result(1, scout.Up), result(2, scout.Down)
			up.IP, down.IP = tt.first, tt.last
			w.take(up)
			w.take(down)
			if got := w.events[0].ServerIP; got != tt.want {
				t.Errorf("ServerIP = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestClockJump shows that time by which the clock jumped back is nobody's
// outage.
func TestClockJump(t *testing.T) {
	t.Parallel()
	w := watched(t, 1, 1, "U D")
	back := result(3, scout.Up)
	back.At = start.Add(-time.Hour)
	w.take(back)
	if got := w.events[1]; got.Kind != scout.Recovered || got.Duration != 0 {
		t.Errorf("%s after %s, want recovered after 0s", got.Kind, got.Duration)
	}
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, results           string
		failAfter, recoverAfter int
		want                    []int
	}{
		{"the results that confirmed it", "UU DDD", 3, 2, []int{3, 4, 5}},
		{"none from before a good result", "DD U DDD", 3, 2, []int{4, 5, 6}},
		{"of a recovery the good ones", "DDD UU", 3, 2, []int{4, 5}},
		{"of a worsening the worse ones", "WWW DDD", 3, 2, []int{4, 5, 6}},
		{"of a warning the worse ones too", "U WDD", 3, 2, []int{2, 3, 4}},
		{"of an easing the good ones too", "DDD WWU", 3, 3, []int{4, 5, 6}},
		{"at most the last ten", "U DDDDD DDDDD DD", 12, 2, []int{4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
		{"none from before a restart", "U DD | DDD", 3, 2, []int{4, 5, 6}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			events := watched(t, tt.failAfter, tt.recoverAfter, tt.results).events
			got := []int{}
			for _, r := range events[len(events)-1].Evidence {
				got = append(got, minuteOf(r.At))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}
