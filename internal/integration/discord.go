package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"serverscout/internal/scout"
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  "discord",
			Title: "Discord",
			Help:  "A coloured embed for a Discord webhook; for a thread, add ?thread_id=… to the URL.",
			Fields: []scout.Field{
				{
					Name: "thread_name", Type: scout.TypeString, Min: 1, Max: 100, Example: "Outages",
					Help: "Title of the post that each message begins in a forum channel, which takes no other messages.",
				},
				{
					Name: "username", Type: scout.TypeString, Min: 1, Max: 80, Example: "Server Scout",
					Help: "Name to post under instead of the webhook's own.",
				},
			},
		},
		Recognise: isDiscord,
		MaskURL:   maskDiscord,
		Validate:  validateDiscord,
		Render:    renderDiscord,
		Classify:  classifyDiscord,
		Preview:   previewDiscord,
	})
}

// discordSettings are the format's settings. A zero value is a setting that is
// not made.
type discordSettings struct {
	ThreadName string `json:"thread_name"`
	Username   string `json:"username"`
}

var (
	discordHost = regexp.MustCompile(`^((ptb|canary)\.)?(discord|discordapp)\.com$`)
	// Further parts would follow in the forms that take the messages of
	// Slack or GitHub, which an embed is not.
	discordPath = regexp.MustCompile(`^/api(/v[0-9]+)?/webhooks/[0-9]+/[^/]+/?$`)
)

// isDiscord recognises the webhook addresses of Discord's three releases.
func isDiscord(u *url.URL) bool {
	return discordHost.MatchString(secureHost(u)) && discordPath.MatchString(u.Path)
}

// splitDiscordPath keeps the webhook's id, which is no secret, in what may be
// shown.
func splitDiscordPath(u *url.URL) (shown, credential string) {
	shown, credential = splitPath(u, "/webhooks/")
	if id, token, found := strings.Cut(credential, "/"); found {
		return shown + id + "/", token
	}
	return shown, credential
}

func maskDiscord(u *url.URL) string {
	shown, credential := splitDiscordPath(u)
	return displayMasked(u, shown, credential)
}

// validateDiscord refuses what Discord would refuse at each attempt, or take
// in another form than an embed.
func validateDiscord(t Target) error {
	var faults scout.Faults
	u, err := url.Parse(t.URL)
	if err != nil {
		return nil // what is no URL at all is refused for any format
	}
	for _, form := range []string{"/slack", "/github"} {
		if strings.HasSuffix(strings.TrimRight(u.Path, "/"), form) {
			faults.Add("url", "", "ends in %s and so does not take Discord's own messages: remove that ending", form)
		}
	}
	if _, set := t.Settings["thread_name"]; set && u.Query().Has("thread_id") {
		faults.Add("thread_name", "", "cannot go with thread_id in the URL: a message goes to a thread or begins one, so remove either")
	}
	return faults.Err()
}

// renderDiscord leaves the URL as it is. Its query chooses the thread, and may
// ask for an answer with a body (wait=true), which is a success like the empty
// one.
func renderDiscord(n scout.Notice, t Target) (scout.Request, error) {
	var settings discordSettings
	if err := t.Settings.Decode(&settings); err != nil {
		return scout.Request{}, fmt.Errorf("discord: settings: %w", err)
	}
	body, err := encode(discordMessageOf(n, settings))
	if err != nil {
		return scout.Request{}, fmt.Errorf("discord: %w", err)
	}
	req := scout.Request{URL: t.URL, ContentType: jsonContentType, Body: body}
	if u, err := url.Parse(t.URL); err == nil {
		_, credential := splitDiscordPath(u)
		req.Secrets = secretsOf(u, credential)
	}
	return req, nil
}

// discordUnknownWebhook is the code of a webhook that was deleted.
const discordUnknownWebhook = 10015

// classifyDiscord knows Discord's word for a webhook that is gone, and how
// long it asks to wait: its body tells fractions, its header whole seconds.
func classifyDiscord(r scout.Response) (scout.Verdict, bool) {
	var said struct {
		Code       int         `json:"code"`
		RetryAfter json.Number `json:"retry_after"`
	}
	if json.Unmarshal(r.Body, &said) != nil {
		return scout.Verdict{}, false
	}
	switch {
	case r.Status == http.StatusNotFound && said.Code == discordUnknownWebhook:
		return scout.Verdict{
			Outcome: scout.OutcomeDisabled,
			Fault:   scout.FaultGone,
			Detail:  "Discord does not know the webhook any more: " + excerpt(r.Body),
		}, true
	case r.Status == http.StatusTooManyRequests && said.RetryAfter != "":
		wait, _ := parseSeconds(said.RetryAfter.String())
		return scout.Verdict{
			Outcome:    scout.OutcomeRetry,
			Fault:      scout.FaultRateLimited,
			Detail:     "Discord answered 429: " + excerpt(r.Body),
			RetryAfter: wait,
		}, true
	}
	return scout.Verdict{}, false
}
