package fake

import (
	"errors"
	"fmt"
	"net/http"
)

// Addresses that the Teams fakes know: path and query of a Workflows webhook,
// whose signature is part of it, and the path of a connector's.
const (
	TeamsWorkflowURI = "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke" +
		"?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=notarealsignature-0123456789_abcdefghijklmno"
	TeamsConnectorURI = "/webhookb2/00000000-0000-0000-0000-000000000000@11111111-1111-1111-1111-111111111111" +
		"/IncomingWebhook/notarealkeynotarealkeynotarealke/22222222-2222-2222-2222-222222222222"
)

// maxTeamsBody is 28 KB.
const maxTeamsBody = 28 * 1024

// TeamsWorkflow is a Teams webhook of Workflows. As the service does, it
// answers 202 before it looks at the card: whether that was right, the
// recorded rejection tells.
type TeamsWorkflow struct{ Recorder }

// ServeHTTP records, judges and answers in the words of Workflows.
func (t *TeamsWorkflow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	judge := func(got Request) *Rejection { return CheckTeamsWorkflow(got.Path, got.Body) }
	t.serve(w, r, judge, Reply(http.StatusAccepted, ""))
}

// CheckTeamsWorkflow returns why Workflows refuses the body when it is posted
// to the path with its query, byte for byte, or nil. The rejection of a bad
// card has the status 202.
func CheckTeamsWorkflow(uri string, body []byte) *Rejection {
	if uri != TeamsWorkflowURI {
		return &Rejection{
			http.StatusUnauthorized,
			`{"error":{"code":"DirectApiAuthorizationRequired","message":"The request must be authenticated."}}`,
			"the address was changed: " + uri,
		}
	}
	o, err := parseObject(body)
	if err == nil {
		err = checkTeamsEnvelope(o)
	}
	if err != nil {
		return &Rejection{
			http.StatusBadRequest,
			`{"error":{"code":"TriggerInputSchemaMismatch","message":"The input body does not match the schema."}}`,
			err.Error(),
		}
	}
	if err := checkTeamsCards(o, body); err != nil {
		return &Rejection{http.StatusAccepted, "", "accepted and then not shown: " + err.Error()}
	}
	return nil
}

// checkTeamsEnvelope judges what the trigger's schema asks for.
func checkTeamsEnvelope(o object) error {
	if kind, _ := o.text("type"); kind != "message" {
		return fmt.Errorf("type %q is not message", kind)
	}
	_, err := o.objects("attachments", 1, 10)
	return err
}

// TeamsConnector is an Office connector of Teams. It tells most failures with
// the status 200.
type TeamsConnector struct{ Recorder }

// ServeHTTP records, judges and answers in the connector's words.
func (t *TeamsConnector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	judge := func(got Request) *Rejection { return CheckTeamsConnector(got.Path, got.Body) }
	t.serve(w, r, judge, Reply(http.StatusOK, "1"))
}

// TeamsFailure answers as a connector does when Teams did not take the message
// for the reason that an HTTP status names, such as 429 for too many messages.
func TeamsFailure(status int) Answer { return Reply(http.StatusOK, teamsFailure(status)) }

func teamsFailure(status int) string {
	return fmt.Sprintf("Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error %d "+
		"with ContextId tcid=0,server=DB3PEPF0000009A,cv=0.", status)
}

// CheckTeamsConnector returns why the connector refuses the body when it is
// posted to the path, or nil. It knows cards; MessageCards, which the service
// takes as well, are refused.
func CheckTeamsConnector(path string, body []byte) *Rejection {
	if path != TeamsConnectorURI {
		return &Rejection{http.StatusNotFound, "Invalid webhook URL", "there is no webhook at " + path}
	}
	if len(body) > maxTeamsBody {
		return &Rejection{http.StatusOK, teamsFailure(http.StatusRequestEntityTooLarge), fmt.Sprintf("%d bytes are more than 28 KB", len(body))}
	}
	o, err := parseObject(body)
	if err != nil {
		return &Rejection{http.StatusBadRequest, "Invalid webhook request - Invalid JSON", err.Error()}
	}
	if !o.has("attachments") {
		why := errors.New("neither summary, text nor card")
		if o.has("summary") || o.has("text") {
			why = errors.New("a MessageCard, which this fake does not judge")
		}
		return &Rejection{http.StatusBadRequest, "Summary or Text is required.", why.Error()}
	}
	if err := errors.Join(checkTeamsEnvelope(o), checkTeamsCards(o, body)); err != nil {
		return &Rejection{http.StatusOK, teamsFailure(http.StatusBadRequest), err.Error()}
	}
	return nil
}
