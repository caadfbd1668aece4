package incident_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// TestEnd holds the rule that a check which is paused or removed with an
// incident open ends it.
func TestEnd(t *testing.T) {
	t.Parallel()
	w := watched(t, 2, 2, "U DD U")
	s, e := incident.End(w.state, minute(9))
	if e == nil {
		t.Fatal("the open incident was not ended")
	}
	want := scout.Event{
		IncidentID: "1", Seq: 2, Kind: scout.Recovered, Level: scout.Up, At: minute(9), CheckID: 7,
		Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Tags: []string{"prod", "web"},
		Message: "HTTP on web-server-01 is no longer watched",
		Began:   minute(2), Ended: minute(9), Duration: 7 * time.Minute,
	}
	if diff := cmp.Diff(want, *e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	in := s.Incident
	if in.Open() || !in.Ended.Equal(minute(9)) || in.Events != 2 || in.Worst != scout.Down {
		t.Errorf("incident = %+v, want it ended at minute 9 with two events", in)
	}
	if s.Level != scout.Unknown || s.Confirming() {
		t.Errorf("level %s, confirming %t; want unknown, false", s.Level, s.Confirming())
	}
}

func TestEndWithoutIncident(t *testing.T) {
	t.Parallel()
	for _, results := range []string{"", "U", "UD", "UDDUU"} {
		t.Run("after "+results, func(t *testing.T) {
			t.Parallel()
			s, e := incident.End(watched(t, 2, 2, results).state, minute(9))
			if e != nil || s.Level != scout.Unknown || s.Incident.ID != "" {
				t.Errorf("event %+v, state %+v; want none, and the zero state", e, s)
			}
		})
	}
}

// TestEndOfRestored ends the incident of a check that was removed while the
// process was not running.
func TestEndOfRestored(t *testing.T) {
	t.Parallel()
	w := watched(t, 2, 2, "U WW |")
	s, e := incident.End(w.state, minute(60))
	if e == nil || e.IncidentID != "1" || e.Seq != 2 || e.Duration != 58*time.Minute || s.Incident.Open() {
		t.Errorf("event %+v, incident %+v; want event 2 of incident 1, after 58 minutes, closed", e, s.Incident)
	}
}

func TestWatchedAgainAfterEnd(t *testing.T) {
	t.Parallel()
	w := watched(t, 2, 2, "U DD D")
	s, _ := incident.End(w.state, minute(5))
	w.state = s.Closed()
	w.see(t, "D D")
	want := []string{"opened down 3, began 2", "opened down 6, began 5"}
	if diff := cmp.Diff(want, told(w.events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if first, second := w.events[0].IncidentID, w.events[1].IncidentID; first == second {
		t.Errorf("both incidents have the id %s", first)
	}
}

func TestRemind(t *testing.T) {
	t.Parallel()
	w := watched(t, 2, 2, "U DD U")
	s, e := incident.Remind(w.state, minute(4), false)
	want := scout.Event{
		IncidentID: "1", Seq: 2, Kind: scout.Reminder, Level: scout.Down, At: minute(4), CheckID: 7,
		Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Tags: []string{"prod", "web"},
		Message: "result 3 says down", Began: minute(2), Duration: 2 * time.Minute,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if s.Level != scout.Down || !s.Since.Equal(minute(3)) || !s.Incident.Open() || s.Incident.Events != 2 {
		t.Errorf("state = %+v, want it down since minute 3 with two events", s)
	}
	if w.state.Incident.Events != 1 {
		t.Error("Remind changed the state it was given")
	}
	// The recovery that was half counted goes on, and follows the reminder.
	w.state = s
	w.see(t, "U")
	recovered := w.events[1]
	if recovered.Kind != scout.Recovered || recovered.Seq != 3 || recovered.Duration != 2*time.Minute {
		t.Errorf("then %s as event %d after %s, want recovered as event 3 after 2m", recovered.Kind, recovered.Seq, recovered.Duration)
	}
}

func TestRemindTellsThePresentLevel(t *testing.T) {
	t.Parallel()
	_, e := incident.Remind(watched(t, 1, 1, "U D W").state, minute(8), false)
	if e.Level != scout.Warning || e.Message != "result 3 says warning" {
		t.Errorf("%s: %s; want the warning of result 3", e.Level, e.Message)
	}
	_, e = incident.Remind(watched(t, 1, 1, "U D").state, start, false)
	if e.Duration != 0 {
		t.Errorf("the duration after the clock was put back is %s, want 0s", e.Duration)
	}
}
