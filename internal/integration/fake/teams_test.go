package fake_test

import (
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

// card wraps elements, and what else is given, the way Server Scout sends them.
func card(elements, more string) string {
	return `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,` +
		`"content":{"type":"AdaptiveCard","version":"1.4","body":[` + elements + `]` + more + `}}]}`
}

func textBlock(text string) string { return `{"type":"TextBlock","text":"` + text + `"}` }

func TestTeamsAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a text":           card(textBlock("x"), ""),
		"a coloured text":  card(`{"type":"TextBlock","text":"x","color":"attention","size":"small","weight":"bolder","wrap":true,"isSubtle":true}`, ""),
		"a container":      card(`{"type":"Container","style":"good","items":[`+textBlock("x")+`]}`, ""),
		"facts":            card(`{"type":"FactSet","facts":[{"title":"x","value":"y"}]}`, ""),
		"an action":        card(textBlock("x"), `,"actions":[{"type":"Action.OpenUrl","title":"Open","url":"https://scout.example/i/1"}]`),
		"the full width":   card(textBlock("x"), `,"msteams":{"width":"Full"}`),
		"escaped marks":    card(textBlock(`\\*b\\* \\[a\\](b) \\<at\\> \\{\\{x}}`), ""),
		"an older version": strings.Replace(card(textBlock("x"), ""), "1.4", "1.2", 1),
		"the largest":      card(textBlock(text(28*1024-len(card(textBlock(""), "")))), ""),
	} {
		if r := fake.CheckTeamsWorkflow(fake.TeamsWorkflowURI, []byte(body)); r != nil {
			t.Errorf("workflow, %s: %v", name, r)
		}
		if r := fake.CheckTeamsConnector(fake.TeamsConnectorURI, []byte(body)); r != nil {
			t.Errorf("connector, %s: %v", name, r)
		}
	}
}

func TestTeamsRejectsCards(t *testing.T) {
	t.Parallel()
	good := card(textBlock("x"), "")
	for name, body := range map[string]string{
		"a later version":   strings.Replace(good, "1.4", "1.5", 1),
		"no version":        strings.Replace(good, `"version":"1.4",`, "", 1),
		"another type":      strings.Replace(good, "AdaptiveCard", "HeroCard", 1),
		"another content":   strings.Replace(good, "card.adaptive", "card.hero", 1),
		"a content URL":     strings.Replace(good, "null", `"https://a.example"`, 1),
		"no card":           `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive"}]}`,
		"unknown property":  card(textBlock("x"), `,"speak":"x"`),
		"a native key":      strings.Replace(good, `{"type":"message"`, `{"alert_id":"1","type":"message"`, 1),
		"a mention":         card(textBlock("x"), `,"msteams":{"width":"Full","entities":[{}]}`),
		"an empty body":     card("", ""),
		"unknown element":   card(`{"type":"Image","url":"https://a.example"}`, ""),
		"element no object": card("1", ""),
		"no text":           card(`{"type":"TextBlock"}`, ""),
		"empty text":        card(textBlock(" "), ""),
		"a text's property": card(`{"type":"TextBlock","text":"x","fontType":"monospace"}`, ""),
		"upper case colour": card(`{"type":"TextBlock","text":"x","color":"Attention"}`, ""),
		"unknown size":      card(`{"type":"TextBlock","text":"x","size":"huge"}`, ""),
		"wrap is text":      card(`{"type":"TextBlock","text":"x","wrap":"true"}`, ""),
		"empty container":   card(`{"type":"Container","items":[]}`, ""),
		"container's style": card(`{"type":"Container","style":"red","items":[`+textBlock("x")+`]}`, ""),
		"bad item":          card(`{"type":"Container","items":[`+textBlock("")+`]}`, ""),
		"no facts":          card(`{"type":"FactSet"}`, ""),
		"empty facts":       card(`{"type":"FactSet","facts":[]}`, ""),
		"a fact's value":    card(`{"type":"FactSet","facts":[{"title":"x","value":""}]}`, ""),
		"a fact's title":    card(`{"type":"FactSet","facts":[{"value":"x"}]}`, ""),
		"a fact's key":      card(`{"type":"FactSet","facts":[{"title":"x","value":"y","z":1}]}`, ""),
		"another action":    card(textBlock("x"), `,"actions":[{"type":"Action.Submit","title":"x"}]`),
		"a script":          card(textBlock("x"), `,"actions":[{"type":"Action.OpenUrl","title":"x","url":"javascript:x"}]`),
		"untitled action":   card(textBlock("x"), `,"actions":[{"type":"Action.OpenUrl","url":"https://a.example"}]`),
		"bold":              card(textBlock("*b*"), ""),
		"a link":            card(textBlock("[a](https://b.example)"), ""),
		"a mention's tag":   card(textBlock("<at>x</at>"), ""),
		"a function":        card(textBlock("{{DATE(2024-01-15T10:30:00Z,SHORT)}}"), ""),
		"a list":            card(textBlock("- x"), ""),
		"a numbered list":   card(textBlock("12. x"), ""),
		"a mark in a fact":  card(`{"type":"FactSet","facts":[{"title":"x","value":"_y_"}]}`, ""),
		"too large":         card(textBlock(text(28*1024)), ""),
	} {
		expectShown(t, name, fake.CheckTeamsWorkflow(fake.TeamsWorkflowURI, []byte(body)))
		r := fake.CheckTeamsConnector(fake.TeamsConnectorURI, []byte(body))
		if r == nil || r.Status != 200 || !strings.HasPrefix(r.Word, "Webhook message delivery failed with error:") {
			t.Errorf("connector, %s: %v", name, r)
		}
	}
}

// expectShown checks that a card was taken and then found to be wrong.
func expectShown(t *testing.T, name string, r *fake.Rejection) {
	t.Helper()
	if r == nil || r.Status != 202 || r.Word != "" || r.Why == "" {
		t.Errorf("workflow, %s: %v", name, r)
	}
}

func TestTeamsRejectsEnvelopes(t *testing.T) {
	t.Parallel()
	good := card(textBlock("x"), "")
	for name, body := range map[string]string{
		"bad JSON":        good[:len(good)-1],
		"trailing data":   good + "x",
		"a key twice":     strings.Replace(good, `"type":"message"`, `"type":"message","type":"message"`, 1),
		"invalid UTF-8":   card(textBlock("\xff"), ""),
		"another type":    strings.Replace(good, `"message"`, `"card"`, 1),
		"no attachments":  `{"type":"message"}`,
		"zero of them":    `{"type":"message","attachments":[]}`,
		"the native form": validNative,
	} {
		r := fake.CheckTeamsWorkflow(fake.TeamsWorkflowURI, []byte(body))
		if r == nil || r.Status != 400 || !strings.Contains(r.Word, "TriggerInputSchemaMismatch") {
			t.Errorf("%s: %v", name, r)
		}
		if r := fake.CheckTeamsConnector(fake.TeamsConnectorURI, []byte(body)); r == nil {
			t.Errorf("connector, %s: accepted", name)
		}
	}
}

func TestTeamsAddresses(t *testing.T) {
	t.Parallel()
	good := []byte(card(textBlock("x"), ""))
	for _, uri := range []string{
		fake.TeamsWorkflowURI + "x",
		strings.Replace(fake.TeamsWorkflowURI, "%2F", "/", 1),
		strings.TrimSuffix(fake.TeamsWorkflowURI, "o"),
	} {
		if r := fake.CheckTeamsWorkflow(uri, good); r == nil || r.Status != 401 {
			t.Errorf("%s: %v", uri, r)
		}
	}
	expect(t, "another connector", fake.CheckTeamsConnector("/webhookb2/x", good), 404, "Invalid webhook URL")
}

func TestTeamsAnswers(t *testing.T) {
	t.Parallel()
	good := card(textBlock("x"), "")
	workflow, connector := &fake.TeamsWorkflow{}, &fake.TeamsConnector{}
	client, workflowURL := start(t, workflow)
	_, connectorURL := start(t, connector)
	connector.Script(nil, nil, fake.TeamsFailure(429))
	for _, tc := range []struct {
		url, body string
		status    int
		answer    string
	}{
		{workflowURL + fake.TeamsWorkflowURI, good, 202, ""},
		{workflowURL + fake.TeamsWorkflowURI, card(textBlock("*b*"), ""), 202, ""},
		{connectorURL + fake.TeamsConnectorURI, good, 200, "1"},
		{connectorURL + fake.TeamsConnectorURI, `{}`, 400, "Summary or Text is required."},
		{connectorURL + fake.TeamsConnectorURI, good, 200, "Webhook message delivery failed with error: " +
			"Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0,server=DB3PEPF0000009A,cv=0."},
	} {
		resp, answer := post(t, client, tc.url, "application/json", tc.body)
		if resp.StatusCode != tc.status || answer != tc.answer {
			t.Errorf("%d %q, want %d %q", resp.StatusCode, answer, tc.status, tc.answer)
		}
	}
	if r := workflow.Requests()[1].Rejection; r == nil {
		t.Error("a bad card was accepted")
	}
}
