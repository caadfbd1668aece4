package fake

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// DiscordPath is the path of the webhook that the Discord fake knows.
const DiscordPath = "/api/webhooks/123456789012345678/notarealtoken"

// Discord is a receiver of one Discord webhook. It accepts fewer keys than
// Discord does: those that Server Scout has a use for. So a key of the native
// payload is refused, which Discord would ignore.
type Discord struct {
	Recorder

	// Forum makes the webhook's channel one that takes posts only. Set it
	// before use.
	Forum bool

	mu   sync.Mutex
	open time.Time // before it every request is too early
}

// Limit answers 429 as Discord does, and has the fake refuse every request
// that comes before the time is over. Seconds may have a fraction.
func (d *Discord) Limit(seconds float64) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		wait := time.Duration(seconds * float64(time.Second))
		d.mu.Lock()
		d.open = time.Now().Add(wait)
		d.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", fmt.Sprint(int(wait/time.Second)+1))
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = fmt.Fprintf(w, `{"message":"You are being rate limited.","retry_after":%v,"global":false}`, seconds)
	}
}

// ServeHTTP records, judges and answers in Discord's words.
func (d *Discord) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accepted := Reply(http.StatusNoContent, "")
	if r.URL.Query().Get("wait") == "true" {
		accepted = Reply(http.StatusOK, `{"id":"1","type":0,"content":""}`)
	}
	judge := func(got Request) *Rejection {
		d.mu.Lock()
		defer d.mu.Unlock()
		if early := d.open.Sub(got.At); early > 0 {
			return discordError(http.StatusTooManyRequests, 0, "You are being rate limited.", fmt.Errorf("%v too early", early))
		}
		return CheckDiscord(r.URL.Path, r.URL.Query(), got.Body, d.Forum)
	}
	d.serve(w, r, judge, accepted)
}

// CheckDiscord returns why Discord refuses the body when it is posted to the
// path with the query, or nil.
func CheckDiscord(path string, query url.Values, body []byte, forum bool) *Rejection {
	if path != DiscordPath {
		return discordError(http.StatusNotFound, 10015, "Unknown Webhook", fmt.Errorf("there is no webhook at %s", path))
	}
	o, err := parseObject(body)
	if err != nil {
		return discordError(http.StatusBadRequest, 50109, "The request body contains invalid JSON.", err)
	}
	if !o.has("content") && !o.has("embeds") {
		return discordError(http.StatusBadRequest, 50006, "Cannot send an empty message", fmt.Errorf("neither content nor embeds"))
	}
	if err := checkDiscordMessage(o); err != nil {
		return discordError(http.StatusBadRequest, 50035, "Invalid Form Body", err)
	}
	return checkDiscordThread(query.Has("thread_id"), o.has("thread_name"), forum)
}

func checkDiscordThread(goes, begins, forum bool) *Rejection {
	switch {
	case goes && begins:
		return discordError(http.StatusBadRequest, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id", fmt.Errorf("both"))
	case forum && !goes && !begins:
		return discordError(http.StatusBadRequest, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id", fmt.Errorf("neither"))
	case begins && !forum:
		return discordError(http.StatusBadRequest, 220003, "Webhooks can only create threads in forum channels", fmt.Errorf("no forum"))
	}
	return nil
}

func discordError(status, code int, message string, why error) *Rejection {
	return &Rejection{status, fmt.Sprintf(`{"message":%q,"code":%d}`, message, code), why.Error()}
}

func checkDiscordMessage(o object) error {
	if err := o.only("content", "username", "thread_name", "embeds", "allowed_mentions"); err != nil {
		return err
	}
	for key, limit := range map[string]int{"content": 2000, "username": 80, "thread_name": 100} {
		if text, ok := o.text(key); o.has(key) && (!ok || checkPlain(text, limit) != nil) {
			return fmt.Errorf("%s must be a line of 1 to %d characters", key, limit)
		}
	}
	mentions, _ := o.values["allowed_mentions"].(object)
	if _, err := mentions.list("parse", 0, 0); err != nil {
		return fmt.Errorf("allowed_mentions must forbid all pings: %w", err)
	}
	if err := mentions.only("parse"); err != nil {
		return err
	}
	embeds, err := o.objects("embeds", 1, 10)
	if err != nil {
		return err
	}
	total := 0
	for i, embed := range embeds {
		size, err := checkEmbed(embed)
		if err != nil {
			return fmt.Errorf("embed %d: %w", i, err)
		}
		total += size
	}
	if total > 6000 {
		return fmt.Errorf("%d characters in all embeds are more than 6000", total)
	}
	return nil
}

var (
	discordEmoji = regexp.MustCompile(`:[A-Za-z0-9_+-]+:|://`)
	discordStamp = regexp.MustCompile(`<t:-?[0-9]+:[tTdDfFR]>`)
	discordLink  = regexp.MustCompile(`(?m)^\[[A-Za-z ]+\]\(https?://[^\s()<>\[\]]+\)$`)
)

// checkDiscordText judges a text with markup. Only what the renderer is known
// to write on purpose is let pass: stamps of time, and links alone on their
// line.
func checkDiscordText(o object, key string, limit int) error {
	text, ok := o.text(key)
	if n := length(text); !ok || n == 0 || n > limit {
		return fmt.Errorf("%s must have 1 to %d characters, not %d", key, limit, n)
	}
	text = discordLink.ReplaceAllString(text, "link")
	text = discordStamp.ReplaceAllString(text, "time")
	for line := range lines(text) {
		if err := checkMarkdown(line, limit, "*_~`|<>[]@"); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if live := discordEmoji.FindString(backslashed.ReplaceAllString(line, "")); live != "" {
			return fmt.Errorf("%s: %q in %q is shown as an emoji or a link", key, live, line)
		}
	}
	return nil
}
