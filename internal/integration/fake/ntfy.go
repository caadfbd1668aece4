package fake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
)

// NtfyToken is the access token that an Ntfy which is protected asks for.
const NtfyToken = "tk_notarealtokennotarealtoken0"

var (
	ntfyTopic = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)
	ntfyTag   = regexp.MustCompile(`^[a-z0-9_]+$`)
)

// Ntfy is a receiver of messages that are published as JSON to the server's
// root. It accepts fewer keys than ntfy does, and refuses what ntfy would turn
// into an attached file.
type Ntfy struct {
	Recorder

	// Protected makes the server ask for NtfyToken. Set it before use.
	Protected bool
}

// ServeHTTP records, judges and answers in ntfy's words.
func (n *Ntfy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	judge := func(got Request) *Rejection {
		if n.Protected && got.Header.Get("Authorization") != "Bearer "+NtfyToken {
			return ntfyError(40101, "unauthorized", errors.New("the access token is missing or wrong"))
		}
		return CheckNtfy(r.URL.Path, got.Body)
	}
	n.serve(w, r, judge, Reply(http.StatusOK, `{"id":"hwQ2YpKdmg","time":1705314600,"event":"message"}`))
}

// CheckNtfy returns why ntfy refuses the body when it is posted to the path, or
// nil.
func CheckNtfy(path string, body []byte) *Rejection {
	if path != "/" {
		return ntfyError(40401, "page not found", errors.New("JSON goes to the root, not to "+path))
	}
	if len(body) > 8192 {
		return ntfyError(41303, "JSON body too large", fmt.Errorf("%d bytes are more than 8192", len(body)))
	}
	o, err := parseObject(body)
	if err == nil {
		err = o.only("topic", "title", "message", "priority", "tags", "click")
	}
	if err != nil {
		return ntfyError(40024, "invalid request: request body must be valid JSON", err)
	}
	if topic, _ := o.text("topic"); !ntfyTopic.MatchString(topic) {
		return ntfyError(40009, "invalid request: topic invalid", errors.New("the topic must have 1 to 64 letters, digits, - and _"))
	}
	if err := checkPush(o); err != nil {
		return ntfyError(40017, "invalid request: request body must be message JSON", err)
	}
	return nil
}

// ntfyError writes an error as ntfy does; the status is the code's beginning.
func ntfyError(code int, message string, why error) *Rejection {
	status := code / 100
	word, _ := json.Marshal(map[string]any{"code": code, "http": status, "error": message}) // never fails
	return &Rejection{status, string(word), why.Error()}
}

func checkPush(o object) error {
	if err := errors.Join(checkLine(o, "title", 250), checkLines(o, "message")); err != nil {
		return err
	}
	// A message as long as the limit counts as too long for a text.
	if message, _ := o.text("message"); len(message) >= 4096 {
		return fmt.Errorf("message: %d bytes would become an attached file", len(message))
	}
	if err := checkInteger(o, "priority", 1, 5); err != nil {
		return err
	}
	tags, err := o.list("tags", 1, 5)
	if err != nil {
		return err
	}
	for _, v := range tags {
		if tag, _ := v.(string); !ntfyTag.MatchString(tag) {
			return fmt.Errorf("tag %v is not an emoji's name", v)
		}
	}
	if o.has("click") {
		return checkWebAddress(o, "click")
	}
	return nil
}
