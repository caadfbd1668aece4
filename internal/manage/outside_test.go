package manage_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var reported = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// outside is a manager to which other programs report.
type outside struct {
	*testing.T
	manager *manage.Manager
	store   *store.Store
	mu      sync.Mutex
	results []scout.Result
}

func newOutside(t *testing.T) *outside {
	m, s := setup(t)
	return &outside{T: t, manager: m, store: s}
}

func (o *outside) ingest(_ context.Context, r scout.Result) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.results = append(o.results, r)
	return nil
}

func (o *outside) report(in object) (manage.Reported, error) {
	return o.manager.Report(o.Context(), in, reported, o.ingest)
}

// says reports and returns what the engine was told; zero for nothing.
func (o *outside) says(in object) scout.Result {
	o.Helper()
	before := len(o.results)
	out, err := o.report(in)
	must(o.T, err)
	if len(o.results) == before {
		return scout.Result{}
	}
	last := o.results[len(o.results)-1]
	if last.Level != out.Level || last.CheckID != out.Check.ID {
		o.Errorf("answered %v of check %d, ingested %+v", out.Level, out.Check.ID, last)
	}
	return last
}

func TestReportMakesWhatIsUnknown(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	r := o.says(object{"status": "down", "server_name": "test-server", "message": "Test alert"})
	equal(t, "result", r, scout.Result{CheckID: r.CheckID, At: reported, Level: scout.Down, Message: "Test alert"})
	server := serversOf(t, o.store)["test-server"]
	check := checksOf(t, o.store, server.ID)["External"]
	if check.ID != r.CheckID || check.Kind != "external" || check.FailAfter != 1 || check.RecoverAfter != 1 || check.Source != scout.FromDatabase {
		t.Errorf("the check is %+v", check)
	}
	full := object{
		"alert_id": "12345", "server_name": "test-server", "service": "HTTP", "status": "warning", "message": "slow",
		"timestamp": "2026-01-15T10:29:00Z", "severity": "warning", "server_ip": "192.0.2.7", "duration": "00:05:23",
	}
	r = o.says(full)
	equal(t, "result of all nine keys", r, scout.Result{
		CheckID: checksOf(t, o.store, server.ID)["HTTP"].ID, At: reported.Add(-time.Minute), Level: scout.Warning, Message: "slow", IP: "192.0.2.7",
	})
	if n := len(serversOf(t, o.store)); n != 1 {
		t.Errorf("%d servers, want 1", n)
	}
	o.says(object{"status": "down", "server_name": "new", "server_ip": "db.example.com"})
	if ip := serversOf(t, o.store)["new"].IP; ip != "db.example.com" {
		t.Errorf("the new server's ip is %q", ip)
	}
}

// A story is a line of events, each with the level its check has after it.
func TestReportsOfOneService(t *testing.T) {
	t.Parallel()
	type step struct {
		alert, status string
		want          scout.Level
		says          string
	}
	const named = "alert and names"
	for name, story := range map[string][]step{
		"without an id":         {{"", "down", scout.Down, "0"}, {"", "warning", scout.Warning, "1"}, {"", "recovered", scout.Up, "2"}},
		"with one":              {{"a", "warning", scout.Warning, "0"}, {"a", "down", scout.Down, "1"}, {"a", "recovered", scout.Up, "2"}},
		"two at once":           {{"a", "down", scout.Down, "0"}, {"b", "warning", scout.Down, "0"}, {"a", "recovered", scout.Warning, "1"}, {"b", "recovered", scout.Up, "3"}},
		"ended without an id":   {{"a", "down", scout.Down, "0"}, {"b", "warning", scout.Down, "0"}, {"", "recovered", scout.Up, "2"}},
		"ended with a late id":  {{"", "down", scout.Down, "0"}, {"a", "recovered", scout.Up, "1"}},
		"another's id ends one": {{"", "down", scout.Down, "0"}, {"a", "warning", scout.Down, "0"}, {"b", "recovered", scout.Warning, "1"}},
		"told twice":            {{"a", "down", scout.Down, "0"}, {"a", "down", scout.Down, "1"}, {"a", "recovered", scout.Up, "2"}, {"a", "recovered", scout.Up, "3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutside(t)
			for i, s := range story {
				in := object{"server_name": "web", "service": "HTTP", "status": s.status, "message": string(rune('0' + i))}
				if s.alert != "" {
					in["alert_id"] = s.alert
				}
				r := o.says(in)
				if r.Level != s.want || r.Message != s.says {
					t.Errorf("%s, event %d: %v, %q; want %v, %q", named, i, r.Level, r.Message, s.want, s.says)
				}
			}
		})
	}
}

func TestReportByAlertAlone(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	r := o.says(object{"alert_id": "a", "server_name": "web", "service": "HTTP", "status": "down"})
	if r.Message != "HTTP was reported down" {
		t.Errorf("message %q", r.Message)
	}
	if got := o.says(object{"alert_id": "a", "status": "warning"}); got.CheckID != r.CheckID || got.Level != scout.Warning {
		t.Errorf("the update reached %+v", got)
	}
	// Without its service the alert is still the same one.
	if got := o.says(object{"alert_id": "a", "server_name": "web", "status": "recovered"}); got.CheckID != r.CheckID || got.Level != scout.Up {
		t.Errorf("the end reached %+v", got)
	}
	if got := o.says(object{"alert_id": "a", "status": "recovered"}); got.CheckID != 0 {
		t.Errorf("the end of what has ended reached %+v", got)
	}
	for _, in := range []object{{"status": "recovered", "server_name": "nobody"}, {"status": "recovered", "server_name": "web", "service": "x"}} {
		if got := o.says(in); got.CheckID != 0 {
			t.Errorf("the recovery of what is unknown reached %+v", got)
		}
	}
	if len(serversOf(t, o.store)) != 1 {
		t.Error("a recovery made a server")
	}
	o.says(object{"alert_id": "b", "server_name": "web", "service": "HTTP", "status": "down"})
	o.says(object{"alert_id": "b", "server_name": "db", "service": "HTTP", "status": "down"})
	_, err := o.report(object{"alert_id": "b", "status": "recovered"})
	wantCode(t, err, scout.Conflict)
	if got := o.says(object{"alert_id": "b", "server_name": "db", "status": "recovered"}); got.Level != scout.Up {
		t.Errorf("the named one of two: %+v", got)
	}
}

// What was said before a pause does not count after it.
func TestReportsBeforePause(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	r := o.says(object{"alert_id": "a", "server_name": "web", "status": "down"})
	_, paused := o.manager.PauseCheck(t.Context(), r.CheckID)
	_, resumed := o.manager.ResumeCheck(t.Context(), r.CheckID)
	must(t, errors.Join(paused, resumed))
	if got := o.says(object{"alert_id": "b", "server_name": "web", "status": "warning", "message": "slow"}); got.Level != scout.Warning || got.Message != "slow" {
		t.Errorf("after the pause: %v, %q", got.Level, got.Message)
	}
	if got := o.says(object{"alert_id": "b", "server_name": "web", "status": "recovered"}); got.Level != scout.Up {
		t.Errorf("at the end: %v", got.Level)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	for name, tc := range map[string]struct {
		in     object
		fields []string
	}{
		"nothing":               {object{}, []string{"status"}},
		"no server":             {object{"status": "down"}, []string{"server_name"}},
		"unknown status":        {object{"status": "up", "server_name": "a"}, []string{"status"}},
		"contradiction":         {object{"status": "down", "severity": "info", "server_name": "a"}, []string{"severity"}},
		"unknown key":           {object{"status": "down", "server_name": "a", "servr": "b"}, []string{"servr"}},
		"no text":               {object{"status": "down", "server_name": 5.0}, []string{"server_name"}},
		"control characters":    {object{"status": "down", "server_name": "a\nb", "service": " c"}, []string{"server_name", "service"}},
		"no address":            {object{"status": "down", "server_name": "a", "server_ip": "http://a/"}, []string{"server_ip"}},
		"no time":               {object{"status": "down", "server_name": "a", "timestamp": "yesterday"}, []string{"timestamp"}},
		"in the future":         {object{"status": "down", "server_name": "a", "timestamp": "2026-01-15T10:36:00Z"}, []string{"timestamp"}},
		"long ago":              {object{"status": "down", "server_name": "a", "timestamp": "2025-01-15T10:36:00Z"}, []string{"timestamp"}},
		"an id that is no name": {object{"status": "down", "server_name": "a", "alert_id": strings.Repeat("1", 201)}, []string{"alert_id"}},
	} {
		_, err := o.report(tc.in)
		t.Run(name, func(t *testing.T) { wantFaults(t, err, tc.fields...) })
	}
	if len(o.results)+len(serversOf(t, o.store)) != 0 {
		t.Errorf("left %v, servers %v", o.results, serversOf(t, o.store))
	}
	server := value(o.manager.CreateServer(t.Context(), object{"name": "web", "ip": "192.0.2.1"}))(t)
	value(o.manager.CreateCheck(t.Context(), server.ID, object{"kind": "http"}))(t)
	_, err := o.report(object{"status": "down", "server_name": "web", "service": "HTTP"})
	wantCode(t, err, scout.Conflict)
	r := o.says(object{"status": "down", "server_name": "web", "service": "Disk"})
	value(o.manager.PauseCheck(t.Context(), r.CheckID))(t)
	_, err = o.report(object{"status": "recovered", "server_name": "web", "service": "Disk"})
	wantCode(t, err, scout.Conflict)
	value(o.manager.ResumeCheck(t.Context(), r.CheckID))(t)
	o.says(object{"status": "down", "server_name": "web", "service": "Disk", "alert_id": "a"})
	value(o.manager.PauseCheck(t.Context(), r.CheckID))(t)
	_, err = o.report(object{"status": "recovered", "alert_id": "a"})
	wantCode(t, err, scout.Conflict)
}

func TestReportedTimesAndSeverities(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	for in, want := range map[string]time.Time{
		"2026-01-15T10:34:00Z":      reported, // a clock that is ahead
		"0001-01-01T00:00:00Z":      reported,
		"2026-01-15T12:29:00+02:00": reported.Add(-time.Minute),
		"2026-01-09T10:30:00Z":      reported.Add(-6 * 24 * time.Hour),
	} {
		if r := o.says(object{"status": "down", "server_name": "a", "timestamp": in}); !r.At.Equal(want) {
			t.Errorf("%s: taken for %v, want %v", in, r.At, want)
		}
	}
	for severity, want := range map[string]scout.Level{"critical": scout.Down, "warning": scout.Warning, "info": scout.Up} {
		if r := o.says(object{"severity": severity, "server_name": "a"}); r.Level != want {
			t.Errorf("severity %s alone: %v", severity, r.Level)
		}
	}
	if r := o.says(object{"status": "down", "server_name": "a", "message": strings.Repeat("ü", 2000)}); len([]rune(r.Message)) > 1000 {
		t.Errorf("a message of %d characters was let through", len([]rune(r.Message)))
	}
}

// An event that could not be taken in is not lost on its sender: it hears of
// it, and the same event again has its effect.
func TestReportThatCannotBeTakenIn(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	full := errors.New("the disk is full")
	in := object{"alert_id": "a", "status": "down", "server_name": "web"}
	_, err := o.manager.Report(t.Context(), in, reported, func(context.Context, scout.Result) error { return full })
	if !errors.Is(err, full) {
		t.Fatalf("error %v", err)
	}
	if r := o.says(in); r.Level != scout.Down {
		t.Errorf("the same event again: %+v", r)
	}
}

// Reports about one check are handed on in the order in which they were
// recorded, so that the last level handed on is the one on record.
func TestReportsAtOnce(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			status := "down"
			if i%2 == 1 {
				status = "recovered"
			}
			if _, err := o.report(object{"alert_id": string(rune('a' + i/2)), "status": status, "server_name": "web", "service": "HTTP"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	last := o.results[len(o.results)-1]
	now := o.says(object{"alert_id": "none of these", "status": "recovered", "server_name": "web", "service": "HTTP"})
	if now.Level != last.Level {
		t.Errorf("the engine was left with %v, on record is %v", last.Level, now.Level)
	}
}

func TestChangesMadeForAnotherRevision(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1"}))(t)
	check := value(m.CreateCheck(ctx, server.ID, object{"kind": "tcp", "target": "22"}))(t)
	hook := value(m.CreateWebhook(ctx, object{"name": "ops", "url": "https://example.com/"}))(t)
	for i, r := range []int64{server.Revision, check.Revision, hook.Revision} {
		if r != 1 {
			t.Errorf("object %d is of revision %d at first", i, r)
		}
	}
	stale := func(err error) {
		t.Helper()
		wantCode(t, err, scout.Changed)
	}
	_, err := m.ChangeServer(ctx, server.ID, 2, object{"name": "x"})
	stale(err)
	_, err = m.ChangeCheck(ctx, check.ID, 7, object{"name": "x"})
	stale(err)
	_, err = m.ChangeWebhook(ctx, hook.ID, 2, object{"name": "x"})
	stale(err)
	stale(m.DeleteServer(ctx, server.ID, 2))
	stale(m.DeleteCheck(ctx, check.ID, 2))
	stale(m.DeleteWebhook(ctx, hook.ID, 2))
	equal(t, "server", serversOf(t, s)["web"], server)
	if got := value(m.ChangeCheck(ctx, check.ID, 1, object{"remind": "4h"}))(t); got.Revision != 2 || got.Remind != 4*time.Hour {
		t.Errorf("changed: %+v", got)
	}
	must(t, m.DeleteCheck(ctx, check.ID, 2))
	must(t, m.DeleteWebhook(ctx, hook.ID, 1))
	must(t, m.DeleteServer(ctx, server.ID, 1))
}

func TestTokensAreManaged(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	made, plain, err := m.CreateToken(ctx, object{"name": "deploy", "role": "editor"})
	must(t, err)
	changed := value(m.ChangeToken(ctx, made.ID, object{"role": "viewer"}))(t)
	if changed.Name != "deploy" || changed.Role != scout.Viewer {
		t.Errorf("changed: %+v", changed)
	}
	found, ok, err := s.TokenFor(ctx, plain)
	must(t, err)
	if !ok {
		t.Error("the text of a changed token is good for nothing")
	}
	equal(t, "token", found, changed)
	_, err = m.ChangeToken(ctx, made.ID, object{"role": "root"})
	wantFaults(t, err, "role")
	must(t, m.DeleteToken(ctx, made.ID))
	if _, ok, _ := s.TokenFor(ctx, plain); ok {
		t.Error("a deleted token still opens")
	}
	wantCode(t, m.DeleteToken(ctx, made.ID), scout.NotFound)
}
