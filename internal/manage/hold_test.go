package manage_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

var holdNow = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

func TestParseHold(t *testing.T) {
	t.Parallel()
	in := object{"kind": "maintenance", "comment": "new disks", "match": object{"servers": []any{"db-1"}, "tags": []any{"prod"}}}
	want := scout.Hold{
		Kind: scout.Maintenance, Comment: "new disks", Match: scout.Match{Servers: []string{"db-1"}, Tags: []string{"prod"}}, From: holdNow,
	}
	soon := holdNow.Add(time.Hour)
	for name, tt := range map[string]struct {
		in          object
		from, until time.Time
	}{
		"until":                  {object{"until": "2026-01-15T13:30:00+01:00"}, holdNow, holdNow.Add(2 * time.Hour)},
		"for":                    {object{"for": "2h"}, holdNow, holdNow.Add(2 * time.Hour)},
		"planned":                {object{"from": stamp(soon), "until": stamp(soon.Add(time.Hour))}, soon, soon.Add(time.Hour)},
		"planned, for":           {object{"from": stamp(soon), "for": "30m"}, soon, soon.Add(30 * time.Minute)},
		"from is past":           {object{"from": "1970-01-01T00:00:00Z", "for": "1m"}, holdNow, holdNow.Add(time.Minute)},
		"a year":                 {object{"for": "366d"}, holdNow, holdNow.Add(366 * 24 * time.Hour)},
		"everything is not said": {object{"for": "2h", "everything": false}, holdNow, holdNow.Add(2 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := want
			want.From, want.Until = tt.from, tt.until
			equal(t, "the hold", value(manage.ParseHold(with(in, tt.in), holdNow))(t), want)
		})
	}
	all := value(manage.ParseHold(object{"kind": "silence", "for": "1h", "everything": true}, holdNow))(t)
	equal(t, "a hold of everything", all.Match, scout.Match{})
}

func TestHoldFaults(t *testing.T) {
	t.Parallel()
	const noTime = "must be a time such as 2026-01-15T10:30:00Z"
	long := strings.Repeat("x", 1001)
	testFaults(t, object{"kind": "silence", "match": object{"checks": []any{"HTTP"}}, "for": "2h"}, map[string]faultCase{
		"no kind":            {object{"kind": nil}, fault("kind", "", "is missing: A silence is for what is known already, maintenance for work that was planned; both hold back alike.")},
		"another kind":       {object{"kind": "silenced"}, fault("kind", "silenced", `must be one of silence, maintenance; did you mean "silence"?`)},
		"no end":             {object{"for": nil}, fault("until", "", "is missing: say when it ends, or with for how long it lasts")},
		"two ends":           {object{"until": "2026-01-15T13:30:00Z"}, fault("for", "2h", "cannot go with until: give one of them")},
		"no time":            {object{"for": nil, "until": "tomorrow"}, fault("until", "tomorrow", noTime)},
		"a number":           {object{"for": nil, "until": 1.7e9}, fault("until", "1700000000", noTime)},
		"the zero time":      {object{"from": "0001-01-01T00:00:00Z"}, fault("from", "0001-01-01T00:00:00Z", noTime)},
		"no duration":        {object{"for": "2 hours"}, []scout.FieldError{{Field: "for", Value: "2 hours", Message: `"2 hours" is not a duration: write a number and a unit, such as 500ms, 30s, 5m, 2h or 7d`}}},
		"over":               {object{"for": nil, "until": "2026-01-15T10:30:00Z"}, fault("until", "2026-01-15T10:30:00Z", "must be later than its beginning, 2026-01-15T10:30:00Z")},
		"over before from":   {object{"for": nil, "from": "2026-01-15T13:00:00Z", "until": "2026-01-15T12:00:00Z"}, fault("until", "2026-01-15T12:00:00Z", "must be later than its beginning, 2026-01-15T13:00:00Z")},
		"too far":            {object{"for": nil, "until": "2027-01-16T10:30:01Z"}, fault("until", "2027-01-16T10:30:01Z", "must be at most a year ahead")},
		"too far, for":       {object{"from": "2026-06-01T00:00:00Z", "for": "366d"}, fault("for", "2027-06-02T00:00:00Z", "must be at most a year ahead")},
		"for too long":       {object{"for": "367d"}, fault("for", "367d", "must be 366d or less")},
		"for nothing":        {object{"for": "0s"}, fault("for", "0s", "must be 1s or more")},
		"no match":           {object{"match": nil}, fault("match", "", "names nothing: name servers, tags or checks, or say everything: true")},
		"an empty match":     {object{"match": object{"tags": []any{}}}, fault("match", "", "names nothing: name servers, tags or checks, or say everything: true")},
		"match, everything":  {object{"everything": true}, fault("everything", "true", "cannot go with a match: leave one of them out")},
		"a blank name":       {object{"match": object{"servers": []any{"a", " "}}}, fault("match.servers[1]", " ", notBlank)},
		"too many names":     {object{"match": object{"tags": texts(1001), "checks": []any{"a"}}}, fault("match.tags", "", "must be at most 1000 items")},
		"another key":        {object{"autor": "me"}, fault("autor", "", `is not a known key: known here are comment, everything, for, from, kind, match, until`)},
		"a comment too long": {object{"comment": long}, fault("comment", "", "must be at most 1000 characters")},
	}, func(in object) error {
		_, err := manage.ParseHold(in, holdNow)
		return err
	})
}

func FuzzParseHold(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"silence","for":"1d12h","everything":true,"comment":"x"}`,
		`{"kind":"maintenance","from":"2026-01-15T22:00:00.5+02:00","until":"2026-12-01T00:00:00Z","match":{"tags":["a",1],"checks":["a/b"]}}`,
		`{"kind":"silence","until":"9999-12-31T23:59:59Z","for":"","match":{"servers":[""]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, ok := readObject(data)
		if !ok {
			return
		}
		h, err := manage.ParseHold(in, holdNow)
		if err != nil {
			faultsOf(t, err)
			return
		}
		again := value(manage.ParseHold(viaJSON(t, manage.DescribeHold(h)), holdNow))(t)
		equal(t, "the hold described and parsed", again, h)
		if h.From.Before(holdNow) || !h.Until.After(h.From) {
			t.Errorf("it lasts from %s until %s", h.From, h.Until)
		}
	})
}

// holdsOf makes a manager with one hold of a check, which lasts for two hours.
func holdsOf(t *testing.T) (*manage.Manager, scout.Hold) {
	t.Helper()
	m, _ := setup(t)
	return m, value(m.CreateHold(context.Background(), "alex", object{
		"kind": "silence", "for": "2h", "match": object{"checks": []any{"HTTP"}}, "comment": "known",
	}))(t)
}

func TestHoldLives(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m, h := holdsOf(t)
	if h.ID == 0 || h.Author != "alex" || h.Revision != 1 || !h.From.Equal(h.Until.Add(-2*time.Hour)) {
		t.Errorf("the hold is %+v", h)
	}
	wantCode(t, m.DeleteHold(ctx, h.ID, manage.AnyRevision), scout.Conflict)
	ended := value(m.EndHold(ctx, h.ID))(t)
	if ended.EndedAt.IsZero() || ended.EndedAt.After(h.From.Add(time.Minute)) {
		t.Errorf("it was ended at %s", ended.EndedAt)
	}
	again := value(m.EndHold(ctx, h.ID))(t)
	if !again.EndedAt.Equal(ended.EndedAt) || again.Revision != ended.Revision {
		t.Errorf("ended again it is %+v", again)
	}
	_, err := m.ChangeHold(ctx, h.ID, manage.AnyRevision, object{"comment": "x"})
	wantCode(t, err, scout.Conflict)
	wantCode(t, m.DeleteHold(ctx, h.ID, h.Revision), scout.Changed)
	must(t, m.DeleteHold(ctx, h.ID, ended.Revision))
	_, err = m.EndHold(ctx, h.ID)
	wantCode(t, err, scout.NotFound)
	wantCode(t, m.DeleteHold(ctx, h.ID, manage.AnyRevision), scout.NotFound)
}

func TestChangeHold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, tt := range map[string]struct {
		patch  object
		match  scout.Match
		last   time.Duration // from its beginning, or a little more
		faulty string        // a field; "" if it succeeds
	}{
		"comment":                {object{"comment": nil}, scout.Match{Checks: []string{"HTTP"}}, 2 * time.Hour, ""},
		"for":                    {object{"for": "5h"}, scout.Match{Checks: []string{"HTTP"}}, 5 * time.Hour, ""},
		"until":                  {object{"until": "2024-01-15T13:30:03Z"}, scout.Match{Checks: []string{"HTTP"}}, 3 * time.Hour, ""},
		"match":                  {object{"match": object{"tags": []any{"a"}}}, scout.Match{Checks: []string{"HTTP"}, Tags: []string{"a"}}, 2 * time.Hour, ""},
		"everything":             {object{"everything": true}, scout.Match{}, 2 * time.Hour, ""},
		"everything and a match": {object{"everything": true, "match": object{"tags": []any{"a"}}}, scout.Match{}, 0, "everything"},
		"nothing":                {object{"match": nil}, scout.Match{}, 0, "match"},
		"for and until":          {object{"for": "1h", "until": "2024-01-15T13:30:03Z"}, scout.Match{}, 0, "for"},
		"no end":                 {object{"until": nil}, scout.Match{}, 0, "until"},
		"past":                   {object{"until": "2024-01-15T10:00:00Z"}, scout.Match{}, 0, "until"},
		"kind":                   {object{"kind": "maintenance"}, scout.Match{}, 0, "kind"},
		"from":                   {object{"from": "2024-01-15T12:00:00Z"}, scout.Match{}, 0, "from"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, h := holdsOf(t)
			got, err := m.ChangeHold(ctx, h.ID, h.Revision, tt.patch)
			if tt.faulty != "" {
				wantFaults(t, err, tt.faulty)
				return
			}
			must(t, err)
			equal(t, "the match", got.Match, tt.match)
			if more := got.Until.Sub(h.From) - tt.last; more < 0 || more > time.Minute {
				t.Errorf("it lasts until %s, from %s on", got.Until, h.From)
			}
			if got.Revision != 2 || got.Author != "alex" || !got.From.Equal(h.From) || got.Kind != scout.Silence {
				t.Errorf("it is now %+v", got)
			}
			_, err = m.ChangeHold(ctx, h.ID, h.Revision, tt.patch)
			wantCode(t, err, scout.Changed)
		})
	}
	m, h := holdsOf(t)
	value(m.ChangeHold(ctx, h.ID, 0, object{"everything": true}))(t)
	narrowed := value(m.ChangeHold(ctx, h.ID, 0, object{"match": object{"servers": []any{"db"}}}))(t)
	equal(t, "what was everything", narrowed.Match, scout.Match{Servers: []string{"db"}})
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	m, s := setup(t)
	in := scout.Incident{ID: scout.NewIncidentID(holdNow), Opened: holdNow, Began: holdNow, Tags: []string{}}
	save := func() {
		t.Helper()
		must(t, ledger{s}.Update(ctx, func(tx manage.Tx) error {
			return tx.(interface{ SaveIncident(scout.Incident) error }).SaveIncident(in)
		}))
	}
	save()
	got := value(m.Acknowledge(ctx, in.ID, "alex", "on it"))(t)
	if got.AcknowledgedBy != "alex" || got.AcknowledgeNote != "on it" || got.AcknowledgedAt.IsZero() {
		t.Errorf("acknowledged it is %+v", got)
	}
	value(m.Acknowledge(ctx, in.ID, "kim", ""))(t)
	stored := value(s.Incident(ctx, in.ID))(t)
	if stored.AcknowledgedBy != "kim" || stored.AcknowledgeNote != "" {
		t.Errorf("acknowledged by another it is %+v", stored)
	}
	value(m.Unacknowledge(ctx, in.ID))(t)
	equal(t, "taken back", value(s.Incident(ctx, in.ID))(t), in)

	value(m.Acknowledge(ctx, in.ID, "alex", ""))(t)
	in.Ended, in.Closed = holdNow, holdNow
	save()
	_, err := m.Unacknowledge(ctx, in.ID)
	wantCode(t, err, scout.Conflict)
	if stored := value(s.Incident(ctx, in.ID))(t); stored.AcknowledgedBy != "alex" {
		t.Errorf("after its end it is %+v", stored)
	}
	_, err = m.Acknowledge(ctx, "7", "alex", "")
	wantCode(t, err, scout.NotFound)
	_, err = m.Acknowledge(ctx, in.ID, "alex", strings.Repeat("ä", 1001))
	wantFaults(t, err, "note")
	_, err = manage.ParseAcknowledgement(object{"note": json.Number("1"), "by": "me"})
	wantFaults(t, err, "note", "by")
}
