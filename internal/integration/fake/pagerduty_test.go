package fake_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

const (
	validTrigger = `{"routing_key":"0123456789abcdef0123456789ABCDEF","event_action":"trigger","dedup_key":"1",` +
		`"payload":{"summary":"s","source":"h","severity":"critical","timestamp":"2024-01-15T10:30:00Z","class":"HTTP",` +
		`"custom_details":{"alert_id":"1"}},` +
		`"links":[{"href":"https://scout.example/1","text":"Open"}],"client":"c","client_url":"https://scout.example/1"}`
	validResolve = `{"routing_key":"0123456789abcdef0123456789ABCDEF","event_action":"resolve","dedup_key":"1"}`
)

func TestPagerDutyAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a trigger":       validTrigger,
		"a resolve":       validResolve,
		"an acknowledge":  change(t, validResolve, "resolve", "acknowledge"),
		"longest summary": change(t, validTrigger, `"summary":"s"`, `"summary":"`+strings.Repeat("x", 1024)+`"`),
		"longest key":     change(t, validResolve, `"dedup_key":"1"`, `"dedup_key":"`+strings.Repeat("1", 255)+`"`),
	} {
		if r := fake.CheckPagerDuty(fake.PagerDutyPath, []byte(body)); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestPagerDutyRejects(t *testing.T) {
	t.Parallel()
	trigger := func(old, with string) string { return change(t, validTrigger, old, with) }
	for name, tc := range map[string]struct{ body, why string }{
		"nothing":             {"", "JSON"},
		"trailing data":       {validResolve + "{}", "JSON"},
		"invalid UTF-8":       {trigger(`"s"`, "\"\xff\""), "UTF-8"},
		"a key twice":         {trigger(`"client"`, `"client":"x","client"`), "twice"},
		"the native payload":  {validNative, "unknown key"},
		"a native key":        {trigger(`"client"`, `"alert_id":"1","client"`), `unknown key "alert_id"`},
		"no routing key":      {trigger(`"routing_key":"0123456789abcdef0123456789ABCDEF",`, ""), "routing_key"},
		"a short routing key": {trigger("ABCDEF", "ABCDE"), "routing_key"},
		"a long routing key":  {trigger("ABCDEF", "ABCDEF0"), "routing_key"},
		"unknown action":      {trigger("trigger", "open"), "event_action"},
		"no dedup key":        {`{"routing_key":"0123456789abcdef0123456789ABCDEF","event_action":"resolve"}`, "dedup_key"},
		"a long dedup key":    {change(t, validResolve, `"1"`, `"`+strings.Repeat("1", 256)+`"`), "dedup_key"},
		"no payload":          {change(t, validResolve, "resolve", "trigger"), "payload"},
		"payload is a text":   {change(t, validResolve, "}", `,"payload":"x"}`), "payload"},
		"unknown payload key": {trigger(`"class"`, `"kind"`), `unknown key "kind"`},
		"no summary":          {trigger(`"summary":"s",`, ""), "summary"},
		"blank summary":       {trigger(`"summary":"s"`, `"summary":" "`), "summary"},
		"long summary":        {trigger(`"summary":"s"`, `"summary":"`+strings.Repeat("x", 1025)+`"`), "summary"},
		"summary of lines":    {trigger(`"summary":"s"`, `"summary":"a\nb"`), "summary"},
		"no source":           {trigger(`"source":"h",`, ""), "source"},
		"empty source":        {trigger(`"source":"h"`, `"source":""`), "source"},
		"unknown severity":    {trigger("critical", "down"), "severity"},
		"bad timestamp":       {trigger("10:30:00Z", "10:30"), "timestamp"},
		"empty class":         {trigger(`"class":"HTTP"`, `"class":""`), "class"},
		"details are a text":  {trigger(`{"alert_id":"1"}`, `"x"`), "custom_details"},
		"no links":            {trigger(`{"href":"https://scout.example/1","text":"Open"}`, ""), "links"},
		"a link is a text":    {trigger(`{"href":"https://scout.example/1","text":"Open"}`, `"x"`), "link"},
		"a link of script":    {trigger(`"href":"https:`, `"href":"javascript:`), "href"},
		"a link with quotes":  {trigger(`"href":"https://scout.example/1`, `"href":"https://scout.example/\"`), "href"},
		"a link, no text":     {trigger(`,"text":"Open"`, ""), "text"},
		"unknown link key":    {trigger(`"text":"Open"`, `"text":"Open","alt":"x"`), `unknown key "alt"`},
		"empty client":        {trigger(`"client":"c"`, `"client":""`), "client"},
		"bad client URL":      {trigger(`"client_url":"https://scout.example/1"`, `"client_url":"/1"`), "client_url"},
		"too large":           {trigger(`"alert_id":"1"`, `"alert_id":"`+strings.Repeat("1", 512000)+`"`), "512000"},
	} {
		r := fake.CheckPagerDuty(fake.PagerDutyPath, []byte(tc.body))
		if r == nil || r.Status != 400 || !strings.Contains(r.Why, tc.why) {
			t.Errorf("%s: %v, want 400 because of %q", name, r, tc.why)
			continue
		}
		var answer struct {
			Status string
			Errors []string
		}
		if err := json.Unmarshal([]byte(r.Word), &answer); err != nil || answer.Status != "invalid event" || !slices.Equal(answer.Errors, []string{r.Why}) {
			t.Errorf("%s: answer %s, %v", name, r.Word, err)
		}
	}
	if r := fake.CheckPagerDuty("/integration/x/enqueue", []byte(validTrigger)); r == nil || r.Status != 404 {
		t.Errorf("another path: %v, want 404", r)
	}
}

func TestPagerDutyKeepsState(t *testing.T) {
	t.Parallel()
	service := &fake.PagerDuty{}
	client, url := start(t, service)
	send := func(body string, want int) {
		t.Helper()
		if resp, answer := post(t, client, url+fake.PagerDutyPath, "application/json", body); resp.StatusCode != want {
			t.Errorf("%d %s, want %d", resp.StatusCode, answer, want)
		}
	}
	state := func(open, stray string) {
		t.Helper()
		if got := strings.Join(service.Open(), " "); got != open {
			t.Errorf("open: %q, want %q", got, open)
		}
		if got := strings.Join(service.Stray(), " "); got != stray {
			t.Errorf("stray: %q, want %q", got, stray)
		}
	}
	state("", "")
	send(validTrigger, 202)
	send(change(t, validTrigger, `"dedup_key":"1"`, `"dedup_key":"2"`), 202)
	state("1 2", "")
	send(change(t, validResolve, "resolve", "acknowledge"), 202)
	state("1 2", "")
	send(validResolve, 202)
	send(validResolve, 202) // a repeat is no stray
	state("2", "")
	send(change(t, validResolve, `"dedup_key":"1"`, `"dedup_key":"3"`), 202)
	state("2", "3")
	send(change(t, validTrigger, "critical", "bad"), 400)
	service.Script(fake.Reply(500, ""))
	send(validTrigger, 500)
	state("2", "3")
	send(validTrigger, 202)
	state("1 2", "3")
}

func TestPagerDutyAnswersTheKey(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.PagerDuty{})
	_, answer := post(t, client, url+fake.PagerDutyPath, "application/json", validTrigger)
	if want := `{"status":"success","message":"Event processed","dedup_key":"1"}`; answer != want {
		t.Errorf("answer %s, want %s", answer, want)
	}
}
