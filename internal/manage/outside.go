package manage

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// OutsideTx keeps what other programs said is wrong.
type OutsideTx interface {
	ServerNamed(name string) (scout.Server, error)
	CheckNamed(serverID int64, name string) (scout.Check, error)
	// AlertChecks lists the checks about which an alert of that id is open.
	AlertChecks(alertID string) ([]int64, error)
	// SetAlert records what an alert says about a check, Up ends it. It returns
	// the worst of the check's alerts by then and what that one says; Up, and the
	// message given, if none is left.
	SetAlert(checkID int64, alertID string, level scout.Level, message string) (scout.Level, string, error)
}

// Bounds of what an event from outside may say.
const (
	longestAlertID   = 200
	longestMessage   = 1000 // what is longer is cut
	mostMessageAtAll = 64 << 10
	oldestReport     = 7 * 24 * time.Hour
	clocksMayDiffer  = 5 * time.Minute
)

const (
	unnamedService   = "External" // the service of an event that names none
	timestampExample = "2026-01-15T10:30:00Z"
)

// ReportFields describes an event from outside: the keys of the native payload.
func ReportFields() []scout.Field {
	return []scout.Field{
		{Name: "alert_id", Type: scout.TypeString, Max: longestAlertID, Help: "The sender's own name for what is wrong, the same from down to recovered; without one, server and service name it.", Example: "12345"},
		{Name: "server_name", Type: scout.TypeString, Max: longestName, Help: "The server it is about, made if there is none of this name; needed unless an open alert_id says it.", Example: "web-server-01"},
		{Name: "service", Type: scout.TypeString, Max: longestName, Help: "The service on it, made as an external check if there is none of this name; default: External.", Example: "HTTP"},
		{Name: "status", Type: scout.TypeString, Enum: []string{"down", "warning", "recovered"}, Help: "How it is."},
		{Name: "message", Type: scout.TypeText, Max: mostMessageAtAll, Help: "One sentence a person can act on; cut after 1000 characters.", Example: "Test alert"},
		{Name: "timestamp", Type: scout.TypeString, Help: "When it happened, at most 7 days ago; default: now.", Example: timestampExample},
		{Name: "severity", Type: scout.TypeString, Enum: []string{"critical", "warning", "info"}, Help: "What status says in other words: critical, warning or info; needed only without status."},
		{Name: "server_ip", Type: scout.TypeString, Max: 253, Help: "The server's address.", Example: "192.168.1.100"},
		{Name: "duration", Type: scout.TypeString, Max: 40, Help: "Taken and not used: how long an incident lasts is counted from timestamps.", Example: "00:05:23"},
	}
}

// report is an event from outside, read.
type report struct {
	alertID, server, service, ip, message string
	level                                 scout.Level
	at                                    time.Time
}

func parseReport(in map[string]any, now time.Time) (report, error) {
	var faults scout.Faults
	v := normalise("", ReportFields(), in, &faults)
	r := report{
		alertID: str(v, "alert_id"),
		server:  str(v, "server_name"),
		service: str(v, "service"),
		ip:      str(v, "server_ip"),
		message: scout.Shorten(str(v, "message"), longestMessage),
		level:   reportedLevel(v, in["status"] == nil, &faults),
		at:      reportedTime(str(v, "timestamp"), now, &faults),
	}
	if r.server != "" {
		checkName("server_name", r.server, &faults)
	}
	if r.service != "" {
		checkName("service", r.service, &faults)
	}
	if r.ip != "" && !isHost(r.ip) {
		faults.Add("server_ip", r.ip, "must be an IP address or a host name, without scheme, port or path")
	}
	return r, faults.Err()
}

// reportedLevel reads status and severity, of which one says what the other
// does. That a status which was given is none has been said already.
func reportedLevel(v map[string]any, absent bool, faults *scout.Faults) scout.Level {
	status, severity := scout.Status(str(v, "status")), str(v, "severity")
	if status == "" {
		for _, s := range []scout.Status{scout.StatusDown, scout.StatusWarning, scout.StatusRecovered} {
			if s.Severity() == severity {
				status = s
			}
		}
	}
	switch {
	case status == "" && absent:
		faults.Add("status", "", "is missing: say down, warning or recovered")
	case status != "" && severity != "" && severity != status.Severity():
		faults.Add("severity", severity, "contradicts the status %s, which is %s: leave one of them out", status, status.Severity())
	}
	return status.Level()
}

// reportedTime reads a timestamp. One a little ahead is of a clock that is,
// and the zero time is how some programs say that they know none.
func reportedTime(text string, now time.Time, faults *scout.Faults) time.Time {
	if text == "" {
		return now
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		faults.Add("timestamp", text, "must be a time such as %s", timestampExample)
	case at.IsZero():
		return now
	case at.Sub(now) > clocksMayDiffer:
		faults.Add("timestamp", text, "lies in the future: set the sender's clock, or leave it out")
	case now.Sub(at) > oldestReport:
		faults.Add("timestamp", text, "lies more than 7 days back: leave it out if the state is still so")
	case at.After(now):
		return now
	}
	return at
}

// Reported is what an event from outside was taken for. A recovery of what is
// not known has no check: there was nothing to do.
type Reported struct {
	Server scout.Server
	Check  scout.Check // ID 0: nothing
	Level  scout.Level // the check's, by all its alerts
}

// Report takes an event from outside, at a time, and hands what it says of its
// check to ingest. Events about one check are taken one after the other. What
// is unknown is made: the server, and an external check on it. A check is as
// bad as the worst of the alerts about it.
func (m *Manager) Report(ctx context.Context, in map[string]any, now time.Time, ingest func(context.Context, scout.Result) error) (Reported, error) {
	r, err := parseReport(in, now)
	if err != nil {
		return Reported{}, err
	}
	var out Reported
	err = m.ledger.Update(ctx, func(tx Tx) error {
		out, err = locate(tx, r)
		return err
	})
	if err != nil || out.Check.ID == 0 {
		return out, err
	}
	turn := &m.reports[out.Check.ID%int64(len(m.reports))]
	turn.Lock()
	defer turn.Unlock()
	message := r.message
	if message == "" {
		message = fmt.Sprintf("%s was reported %s", out.Check.Name, scout.StatusOf(r.level))
	}
	err = m.ledger.Update(ctx, func(tx Tx) error {
		out.Level, message, err = tx.SetAlert(out.Check.ID, r.alertID, r.level, message)
		return err
	})
	if err != nil {
		return out, err
	}
	result := scout.Result{CheckID: out.Check.ID, At: r.at, Level: out.Level, Message: message}
	if addr, err := netip.ParseAddr(r.ip); err == nil {
		result.IP = addr.String()
	}
	return out, ingest(ctx, result)
}

// byAlert finds the check that an open alert is about; none if there is no
// such alert, or it is about another server or service than the report names.
func byAlert(tx Tx, r report) (Reported, error) {
	ids, err := tx.AlertChecks(r.alertID)
	if err != nil {
		return Reported{}, err
	}
	var found []Reported
	for _, id := range ids {
		c, err := tx.Check(id)
		if err != nil {
			return Reported{}, err
		}
		server, err := tx.Server(c.ServerID)
		if err != nil {
			return Reported{}, err
		}
		if (r.server == "" || r.server == server.Name) && (r.service == "" || r.service == c.Name) {
			found = append(found, Reported{Server: server, Check: c})
		}
	}
	switch len(found) {
	case 0:
		return Reported{}, nil
	case 1:
		return taking(found[0].Server, found[0].Check)
	default:
		return Reported{}, scout.Errorf(scout.Conflict, "%d services have an open alert %q: say which one by server_name and service", len(found), r.alertID)
	}
}

// locate finds the check a report is about, by its open alert or by name, and
// makes what is missing.
func locate(tx Tx, r report) (Reported, error) {
	if r.alertID != "" {
		known, err := byAlert(tx, r)
		if err != nil || known.Check.ID != 0 {
			return known, err
		}
	}
	if r.server == "" && r.level != scout.Up {
		var faults scout.Faults
		faults.Add("server_name", "", "is missing: no open alert has this alert_id, so say which server it is about")
		return Reported{}, faults.Err()
	}
	server, err := tx.ServerNamed(r.server)
	if scout.HasCode(err, scout.NotFound) && r.level == scout.Up {
		return Reported{Level: scout.Up}, nil
	}
	if scout.HasCode(err, scout.NotFound) {
		server = scout.Server{Name: r.server, IP: r.ip, Source: scout.FromDatabase}
		err = tx.SaveServer(&server)
	}
	if err != nil {
		return Reported{}, err
	}
	return onServer(tx, server, r)
}

// onServer finds or makes the external check a report is about.
func onServer(tx Tx, server scout.Server, r report) (Reported, error) {
	name := r.service
	if name == "" {
		name = unnamedService
	}
	c, err := tx.CheckNamed(server.ID, name)
	switch {
	case scout.HasCode(err, scout.NotFound) && r.level == scout.Up:
		return Reported{Server: server, Level: scout.Up}, nil
	case scout.HasCode(err, scout.NotFound):
		c, err = ParseCheck(server, map[string]any{"kind": probe.ExternalName, "name": name})
		if err != nil {
			return Reported{}, err
		}
		c.Source = scout.FromDatabase
		err = tx.SaveCheck(&c)
		return Reported{Server: server, Check: c}, err
	case err != nil:
		return Reported{}, err
	}
	return taking(server, c)
}

// taking refuses events about a check that does not take any.
func taking(server scout.Server, c scout.Check) (Reported, error) {
	switch {
	case c.Kind != probe.ExternalName:
		return Reported{}, scout.Errorf(scout.Conflict, "%q on %q is watched by Server Scout itself (kind %s): send events about it under another service", c.Name, server.Name, c.Kind)
	case c.Paused:
		return Reported{}, scout.Errorf(scout.Conflict, "%q on %q is paused: resume the check to take events about it", c.Name, server.Name)
	}
	return Reported{Server: server, Check: c}, nil
}
