package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/atc0005/go-teams-notify/v2/adaptivecard"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

const (
	workflowURL  = "https://prod-12.westeurope.logic.azure.com:443" + fake.TeamsWorkflowURI
	connectorURL = "https://contoso.webhook.office.com" + fake.TeamsConnectorURI
)

func TestTeamsRecognise(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		workflowURL:  true,
		connectorURL: true,
		"https://default0123.4a.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/a/triggers/manual/paths/invoke?sig=b": true,
		"https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d":                                                                                   true,
		"https://PROD-12.westeurope.LOGIC.azure.com./workflows/a?sig=b":                                                                                true,
		"http://prod-12.westeurope.logic.azure.com/workflows/a?sig=b":                                                                                  false,
		"https://prod-12.westeurope.logic.azure.com:8443/workflows/a?sig=b":                                                                            false,
		"https://logic.azure.com/workflows/a?sig=b":                                                                                                    false,
		"https://evillogic.azure.com/workflows/a?sig=b":                                                                                                false,
		"https://x.logic.azure.com.evil.com/workflows/a?sig=b":                                                                                         false,
		"https://x.logic.azure.com@evil.com/workflows/a?sig=b":                                                                                         false,
		"https://evil.com/x.logic.azure.com/workflows/a?sig=b":                                                                                         false,
		"https://x.logic.azure.com/subscriptions/a?sig=b":                                                                                              false,
		"https://x.logic.azure.com/workflows/":                                                                                                         false,
		"https://x.environment.api.powerplatform.com/powerautomate/flows/a":                                                                            false,
		"https://webhook.office.com/webhookb2/a":                                                                                                       false,
		"https://contoso.webhook.office.com/webhook/a":                                                                                                 false,
		"https://evil.outlook.office.com/webhook/a":                                                                                                    false,
		"https://outlook.office.com.evil.com/webhook/a":                                                                                                false,
		"https://outlook.office.com/mail/":                                                                                                             false,
		"https://teams.microsoft.com/l/channel/a":                                                                                                      false,
		"https://proxy.example/workflows/a/triggers/manual/paths/invoke?x=y":                                                                           false,
	} {
		if got := integration.Recognise(url).Name == "teams"; got != want {
			t.Errorf("%s: %v, want %v", url, got, want)
		}
	}
}

func TestTeamsHidesTheCredential(t *testing.T) {
	t.Parallel()
	const m = scout.Masked
	for _, tc := range []struct {
		url, shown string
		secrets    []string
	}{
		{
			workflowURL,
			"https://prod-12.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke" +
				"?api-version=" + m + "&sp=" + m + "&sv=" + m + "&sig=" + m,
			[]string{"2016-06-01", "/triggers/manual/run", "notarealsignature-0123456789_abcdefghijklmno"},
		},
		{connectorURL, "https://contoso.webhook.office.com/webhookb2/" + m, []string{strings.TrimPrefix(fake.TeamsConnectorURI, "/webhookb2/")}},
		{"https://outlook.office.com/webhook/a@b/c", "https://outlook.office.com/webhook/" + m, []string{"a@b/c"}},
		{"https://proxy.example/teams/alerts", "https://proxy.example/teams/alerts", nil},
	} {
		if got := integration.DisplayURL("teams", tc.url); got != tc.shown {
			t.Errorf("shown %s, want %s", got, tc.shown)
		}
		req, err := format(t, "teams").Render(down(), integration.Target{URL: tc.url})
		if diff := cmp.Diff(tc.secrets, req.Secrets); err != nil || diff != "" || req.URL != tc.url {
			t.Errorf("%s became %s: %v (-want +got):\n%s", tc.url, req.URL, err, diff)
		}
	}
}

func TestTeamsValidate(t *testing.T) {
	t.Parallel()
	unsigned := map[string]string{
		"url": "has no sig=… and so will be refused: copy the whole URL out of the flow, whose trigger must be open to anyone",
	}
	cut, _, _ := strings.Cut(workflowURL, "&sig")
	for url, want := range map[string]map[string]string{
		workflowURL:                    nil,
		connectorURL:                   nil,
		"https://proxy.example/teams":  nil,
		"://":                          nil,
		cut:                            unsigned,
		cut + "&sig=":                  unsigned,
		strings.Split(cut, "?")[0]:     unsigned,
		"https://example.com/?sig=abc": nil,
	} {
		if diff := cmp.Diff(want, faultsOf(t, "teams", integration.Target{URL: url})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", url, diff)
		}
	}
}

func TestTeamsPreview(t *testing.T) {
	t.Parallel()
	all := previews(t, "teams", integration.Target{URL: workflowURL})
	checkCardPreviews(t, all, nil, [2]string{"Alert", "12345"})
	if _, err := format(t, "teams").Preview([]byte(`{}`)); err == nil {
		t.Error("a body without a card has a preview")
	}
}

// teamsJudge decodes a body by the types of a well-used client, refuses what
// those do not know, and has the client judge the rest.
func teamsJudge(t failer, body []byte) {
	t.Helper()
	var message adaptivecard.Message
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&message); err != nil {
		t.Fatal(err)
	}
	if err := message.Validate(); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
}

func TestTeamsIsAcceptedByAClient(t *testing.T) {
	t.Parallel()
	teams, target := format(t, "teams"), integration.Target{URL: workflowURL}
	for _, n := range goldenCases() {
		teamsJudge(t, body(t, teams, n, target))
	}
	rapid.Check(t, func(rt *rapid.T) {
		teamsJudge(rt, body(rt, teams, anyNotice().Draw(rt, "notice"), target))
	})
}

func TestTeamsAcceptsAll(t *testing.T) {
	t.Parallel()
	workflow, connector := &fake.TeamsWorkflow{}, &fake.TeamsConnector{}
	client, url := receiver(t, workflow)
	acceptsAll(t, client, "teams", integration.Target{URL: url + fake.TeamsWorkflowURI}, &workflow.Recorder)
	client, url = receiver(t, connector)
	acceptsAll(t, client, "teams", integration.Target{URL: url + fake.TeamsConnectorURI}, &connector.Recorder)
}

// TestTeamsLongestBody gives every text its full length in the characters that
// take the most bytes.
func TestTeamsLongestBody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"中", "😀", `"`, `\`, "*"} {
		n := down()
		n.Server, n.Service, n.ServerIP, n.Message = strings.Repeat(text, 3000), strings.Repeat(text, 3000), strings.Repeat(text, 3000), strings.Repeat(text, 10000)
		n.AlertID = strings.Repeat(text, 3000)
		n.Link = "https://scout.example/?" + strings.Repeat("中", 977)
		n.SentAt = n.At.Add(100 * time.Hour)
		message := body(t, format(t, "teams"), n, integration.Target{URL: workflowURL})
		if r := fake.CheckTeamsWorkflow(fake.TeamsWorkflowURI, message); r != nil {
			t.Errorf("%s: %v", text, r)
		}
		if !bytes.Contains(message, []byte("Action.OpenUrl")) {
			t.Errorf("%s: the link gave way", text)
		}
	}
}

func TestTeamsFailures(t *testing.T) {
	t.Parallel()
	workflow, connector := &fake.TeamsWorkflow{}, &fake.TeamsConnector{}
	client, url := receiver(t, workflow)
	refused := `{"error":{"code":"TriggerInputSchemaMismatch","message":"x"}}`
	verdicts(t, client, "teams", integration.Target{URL: url + fake.TeamsWorkflowURI}, &workflow.Recorder, []scripted{
		{fake.Reply(400, refused), retry(scout.FaultMisconfigured, "Microsoft Teams answered 400: "+refused)},
		{fake.Reply(400, teamsText(429)), retry(scout.FaultMisconfigured, "Microsoft Teams answered 400: "+teamsText(429))},
		{fake.Reply(401, ""), retry(scout.FaultMisconfigured, "Microsoft Teams answered 401 Unauthorized")},
		{fake.Reply(200, "accepted, webhook message delivery failed is not said first"), scout.Verdict{Outcome: scout.OutcomeDelivered}},
		{fake.TeamsFailure(400), retry(scout.FaultRejected, teamsSaid(400))}, // whatever the address
		{fake.RateLimited("20"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "Microsoft Teams answered 429: rate_limited", RetryAfter: 20 * time.Second,
		}},
	})
	client, url = receiver(t, connector)
	verdicts(t, client, "teams", integration.Target{URL: url + fake.TeamsConnectorURI}, &connector.Recorder, []scripted{
		{fake.TeamsFailure(413), retry(scout.FaultRejected, teamsSaid(413))},
		{fake.TeamsFailure(429), retry(scout.FaultRateLimited, teamsSaid(429))},
		{
			fake.Reply(200, "Microsoft Teams endpoint returned HTTP error 429 with ContextId x"),
			retry(scout.FaultRateLimited, "Microsoft Teams answered 200 but not with success: Microsoft Teams endpoint returned HTTP error 429 with ContextId x"),
		},
		{
			fake.Reply(400, "Summary or Text is required."),
			retry(scout.FaultMisconfigured, "Microsoft Teams answered 400: Summary or Text is required."),
		},
		{fake.Reply(410, "gone"), scout.Verdict{
			Outcome: scout.OutcomeDisabled, Fault: scout.FaultGone, Detail: "Microsoft Teams answered 410: gone",
		}},
	})
}

// teamsText is a connector's text of a failure.
func teamsText(status int) string {
	return fmt.Sprintf("Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error %d with ContextId tcid=0,server=DB3PEPF0000009A,cv=0.", status)
}

// teamsSaid is the sentence on a connector's failure that looks like success.
func teamsSaid(status int) string {
	return "Microsoft Teams answered 200 but not with success: " + teamsText(status)
}

func FuzzTeams(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		rendered := body(t, format(t, "teams"), n, integration.Target{URL: workflowURL})
		if r := fake.CheckTeamsWorkflow(fake.TeamsWorkflowURI, rendered); r != nil {
			t.Errorf("%v\n%s", r, rendered)
		}
	})
}

// TestTeamsConnectorAnswers takes nothing but its 1 for success from a
// connector, and any text from others.
func TestTeamsConnectorAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		host, body string
		delivered  bool
	}{
		{"contoso.webhook.office.com", "1", true},
		{"Outlook.Office.com.", "1", true},
		{"contoso.webhook.office.com", "", false},
		{"contoso.webhook.office.com", "Webhook Bad Request", false},
		{"outlook.office.com", "<html>Sign in</html>", false},
		{"prod-1.westeurope.logic.azure.com", "", true},
		{"webhook.office.com.example", "fine", true},
		{"proxy.example.com", "fine", true},
	} {
		v := integration.Classify(format(t, "teams"), scout.Response{Status: 200, Host: tc.host, Body: []byte(tc.body)}, instant)
		if got := v.Outcome == scout.OutcomeDelivered; got != tc.delivered {
			t.Errorf("%s answering %q: %+v", tc.host, tc.body, v)
		}
	}
}
