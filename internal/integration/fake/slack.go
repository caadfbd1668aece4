package fake

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Paths that the Slack fake knows. Others of the same shape are known too.
const (
	SlackServicePath  = "/services/T00000000/B00000000/notarealtoken"
	SlackWorkflowPath = "/workflows/T00000000/A00000000/123456789012345678/notarealtoken"
	SlackTriggerPath  = "/triggers/T00000000/1234567890123/notarealtoken"
)

var (
	slackService  = regexp.MustCompile(`^/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]+$`)
	slackWorkflow = regexp.MustCompile(`^/(workflows/T[A-Z0-9]+/A[A-Z0-9]+/[0-9]+|triggers/T[A-Z0-9]+/[0-9]+)/[A-Za-z0-9]+$`)
)

// Slack is a receiver of Slack webhooks. It accepts fewer keys and blocks than
// Slack does: those that Server Scout has a use for.
type Slack struct{ Recorder }

// ServeHTTP records, judges and answers in Slack's words.
func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accepted := Reply(http.StatusOK, "ok")
	if slackWorkflow.MatchString(r.URL.Path) {
		accepted = Reply(http.StatusOK, `{"ok":true}`)
	}
	s.serve(w, r, func(got Request) *Rejection { return CheckSlack(r.URL.Path, got.Body) }, accepted)
}

// CheckSlack returns why Slack refuses the body when it is posted to the path,
// or nil.
func CheckSlack(path string, body []byte) *Rejection {
	if !slackService.MatchString(path) && !slackWorkflow.MatchString(path) {
		return &Rejection{http.StatusNotFound, "no_active_hooks", "there is no webhook at " + path}
	}
	o, err := parseObject(body)
	if err != nil {
		return refuse("invalid_payload", err)
	}
	if slackWorkflow.MatchString(path) {
		if err := allStrings(o); err != nil {
			return refuse("invalid_payload", fmt.Errorf("a workflow takes flat strings only: %w", err))
		}
		return nil
	}
	return checkMessage(o)
}

func refuse(word string, err error) *Rejection {
	return &Rejection{http.StatusBadRequest, word, err.Error()}
}

// checkMessage judges the body of a message.
func checkMessage(o object) *Rejection {
	for _, key := range nativeKeys {
		if o.has(key) {
			return refuse("invalid_payload", fmt.Errorf("the native key %q at top level: Slack would ignore it", key))
		}
	}
	if err := o.only("text", "mrkdwn", "blocks", "attachments"); err != nil {
		return refuse("invalid_payload", err)
	}
	markup := true
	if o.has("mrkdwn") {
		value, ok := o.values["mrkdwn"].(bool)
		if !ok {
			return refuse("invalid_payload", errors.New("mrkdwn must be true or false"))
		}
		markup = value
	}
	text, _ := o.text("text")
	if strings.TrimSpace(text) == "" {
		// Slack takes a message of blocks alone; its notification is empty then.
		return refuse("no_text", errors.New("text must be set always"))
	}
	if err := checkString(text, 4000, markup); err != nil {
		return refuse("invalid_payload", fmt.Errorf("text: %w", err))
	}
	if o.has("blocks") {
		if err := checkBlocks(o); err != nil {
			return refuse("invalid_blocks", err)
		}
	}
	return checkAttachments(o)
}

func checkAttachments(o object) *Rejection {
	if !o.has("attachments") {
		return nil
	}
	attachments, err := o.list("attachments", 1, 100)
	if err != nil {
		return refuse("too_many_attachments", err)
	}
	for i, v := range attachments {
		if err := checkAttachment(v); err != nil {
			return refuse("invalid_attachments", fmt.Errorf("attachment %d: %w", i, err))
		}
	}
	return nil
}

var hexColour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func checkAttachment(v any) error {
	o, ok := v.(object)
	if !ok {
		return errors.New("not an object")
	}
	if err := o.only("color", "blocks"); err != nil {
		return err
	}
	if c, _ := o.text("color"); !hexColour.MatchString(c) {
		return fmt.Errorf("color %q is not #RRGGBB", c)
	}
	return checkBlocks(o)
}
