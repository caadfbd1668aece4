package fake

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Paths that the Mattermost fake knows: Mattermost's own form, and that of
// Rocket.Chat.
const (
	MattermostPath = "/hooks/notarealkeynotarealkeynota"
	RocketChatPath = "/hooks/notarealid0000000/notarealtokennotarealtokennotarealtokennot"
)

// Mattermost is a receiver of incoming webhooks of Mattermost, and of
// Rocket.Chat at a path of its own. It accepts fewer keys than they do: those
// that Server Scout has a use for. So a key of the native payload is refused,
// which they would ignore.
type Mattermost struct{ Recorder }

// ServeHTTP records, judges and answers in the words of the one or the other.
func (m *Mattermost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accepted := Reply(http.StatusOK, "ok")
	if r.URL.Path == RocketChatPath {
		accepted = Reply(http.StatusOK, `{"success":true}`)
	}
	m.serve(w, r, func(got Request) *Rejection { return CheckMattermost(r.URL.Path, got.Body) }, accepted)
}

// CheckMattermost returns why Mattermost refuses the body when it is posted to
// the path, or nil.
func CheckMattermost(path string, body []byte) *Rejection {
	if path != MattermostPath && path != RocketChatPath {
		return mattermostError("web.incoming_webhook.invalid.app_error", fmt.Errorf("there is no webhook at %s", path))
	}
	o, err := parseObject(body)
	if err != nil {
		return mattermostError("web.incoming_webhook.parse.app_error", err)
	}
	if err := o.only("channel", "username", "text", "attachments"); err != nil {
		return mattermostError("web.incoming_webhook.parse.app_error", err)
	}
	for _, key := range []string{"channel", "username"} {
		if text, ok := o.text(key); o.has(key) && (!ok || checkPlain(text, 64) != nil) {
			return mattermostError("web.incoming_webhook.channel.app_error", fmt.Errorf("%s must be a line of 1 to 64 characters", key))
		}
	}
	if err := checkMattermostText(o, "text", 16383); err != nil {
		return mattermostError("web.incoming_webhook.text.app_error", err)
	}
	attachments, err := o.objects("attachments", 1, 100)
	if err != nil {
		return mattermostError("web.incoming_webhook.parse.app_error", err)
	}
	for i, attachment := range attachments {
		if err := checkLegacyAttachment(attachment); err != nil {
			return mattermostError("web.incoming_webhook.parse.app_error", fmt.Errorf("attachment %d: %w", i, err))
		}
	}
	return nil
}

func mattermostError(id string, why error) *Rejection {
	return &Rejection{http.StatusBadRequest, fmt.Sprintf(`{"id":%q,"message":"Invalid webhook.","status_code":400}`, id), why.Error()}
}

func checkLegacyAttachment(o object) error {
	if err := o.only("fallback", "color", "title", "title_link", "text", "fields"); err != nil {
		return err
	}
	if c, _ := o.text("color"); !hexColour.MatchString(c) {
		return fmt.Errorf("color %q is not #RRGGBB", c)
	}
	if err := checkMattermostText(o, "fallback", 16383); err != nil {
		return err
	}
	for _, key := range []string{"title", "text"} {
		if o.has(key) {
			if err := checkMattermostText(o, key, 16383); err != nil {
				return err
			}
		}
	}
	if o.has("title_link") {
		if err := checkWebAddress(o, "title_link"); err != nil {
			return err
		}
		if !o.has("title") {
			return errors.New("title_link needs a title to be shown")
		}
	}
	return checkLegacyFields(o)
}

func checkLegacyFields(o object) error {
	fields, err := o.objects("fields", 1, 100)
	if err != nil {
		return err
	}
	for i, field := range fields {
		err := errors.Join(
			field.only("short", "title", "value"),
			checkMattermostText(field, "title", 16383),
			checkMattermostText(field, "value", 16383),
		)
		if _, isBool := field.values["short"].(bool); !isBool {
			err = errors.New("short must be true or false")
		}
		if err != nil {
			return fmt.Errorf("field %d: %w", i, err)
		}
	}
	return nil
}

// mattermostLive is what Mattermost makes a mention, a channel, a hashtag, an
// emoji, or a link of. It looks at the text with its backslashes undone.
var mattermostLive = regexp.MustCompile(`(?i)[@~#][\pL\pN_-]|:[a-z0-9_+-]+:|\pL[\pL\pN+.-]*:/|\bwww[0-9]*\.|\.\pL{2,4}/`)

func checkMattermostText(o object, key string, limit int) error {
	text, ok := o.text(key)
	if !ok {
		return fmt.Errorf("%s is not a text", key)
	}
	if err := checkMarkdown(text, limit, "*_~`[]<>"); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	bare := entity.ReplaceAllString(text, "+")
	if strings.Contains(bare, "&") {
		return fmt.Errorf("%s: an ampersand that is no entity in %q", key, text)
	}
	undone := backslashed.ReplaceAllStringFunc(bare, func(s string) string { return s[1:] })
	if live := mattermostLive.FindString(undone); live != "" {
		return fmt.Errorf("%s: %q in %q is live", key, live, text)
	}
	return nil
}
