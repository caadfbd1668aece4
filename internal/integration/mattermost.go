package integration

import (
	"encoding/json"
	"fmt"
	"net/url"

	"serverscout/internal/scout"
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  "mattermost",
			Title: "Mattermost",
			Help:  "A readable message for an incoming webhook of Mattermost, on any host; Rocket.Chat takes the same message.",
			Fields: []scout.Field{
				{
					Name: "channel", Type: scout.TypeString, Min: 1, Max: 64, Example: "alerts",
					Help: "Channel to post to instead of the webhook's own, where the webhook may: its name in the URL, or @user.",
				},
				{
					Name: "username", Type: scout.TypeString, Min: 1, Max: 64, Example: "Server Scout",
					Help: "Name to post under instead of the webhook's own, where the server allows it.",
				},
			},
		},
		MaskURL:  maskMattermost,
		Render:   renderMattermost,
		Classify: classifyMattermost,
		Preview:  previewMattermost,
	})
}

// mattermostSettings are the format's settings. A zero value is a setting that
// is not made.
type mattermostSettings struct {
	Channel  string `json:"channel"`
	Username string `json:"username"`
}

// splitMattermostPath takes all that follows /hooks/ for the credential: one
// key in Mattermost, two parts in Rocket.Chat.
func splitMattermostPath(u *url.URL) (shown, credential string) { return splitPath(u, "/hooks/") }

func maskMattermost(u *url.URL) string {
	shown, credential := splitMattermostPath(u)
	return displayMasked(u, shown, credential)
}

func renderMattermost(n scout.Notice, t Target) (scout.Request, error) {
	var settings mattermostSettings
	if err := t.Settings.Decode(&settings); err != nil {
		return scout.Request{}, fmt.Errorf("mattermost: settings: %w", err)
	}
	body, err := encode(mattermostMessageOf(n, settings))
	if err != nil {
		return scout.Request{}, fmt.Errorf("mattermost: %w", err)
	}
	req := scout.Request{URL: t.URL, ContentType: jsonContentType, Body: body}
	if u, err := url.Parse(t.URL); err == nil {
		_, credential := splitMattermostPath(u)
		req.Secrets = secretsOf(u, credential)
	}
	return req, nil
}

// classifyMattermost finds Rocket.Chat's word for a failure. Mattermost's own
// failures follow the general rules.
func classifyMattermost(r scout.Response) (scout.Verdict, bool) {
	var said struct {
		Success *bool `json:"success"`
	}
	if !isSuccess(r.Status) || json.Unmarshal(r.Body, &said) != nil || said.Success == nil || *said.Success {
		return scout.Verdict{}, false
	}
	return scout.Verdict{
		Outcome: scout.OutcomeRetry,
		Fault:   scout.FaultRejected,
		Detail:  fmt.Sprintf("Mattermost answered %d but not with success: %s", r.Status, excerpt(r.Body)),
	}, true
}
