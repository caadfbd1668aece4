package integration

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

const gotifyName = "gotify"

// Gotify has no limits of its own; these keep a notification readable.
const (
	gotifyTextLimit  = 4000
	gotifyTitleLimit = 250
	gotifyLinkLimit  = 2000
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  gotifyName,
			Title: "Gotify",
			Help:  "A push notification through a Gotify server; the URL is the server's, with or without /message.",
			Fields: []scout.Field{{
				Name:    "token",
				Type:    scout.TypeString,
				Help:    "The token of the Gotify application, sent as X-Gotify-Key; not needed when the URL ends in ?token=TOKEN or a custom header holds it.",
				Example: "Anotarealtoken0",
				Secret:  true,
			}},
		},
		Validate: validateGotify,
		Render:   renderGotify,
		Classify: classifyGotify,
		Preview:  previewGotify,
	})
}

type gotifySettings struct {
	Token string `json:"token"`
}

func validateGotify(t Target) error {
	var settings gotifySettings
	if err := t.Settings.Decode(&settings); err != nil {
		return scout.Errorf(scout.Invalid, "the settings cannot be read: %v", err)
	}
	inURL := ""
	if u, err := url.Parse(t.URL); err == nil {
		inURL = u.Query().Get("token")
	}
	if cmp.Or(settings.Token, inURL, t.header("X-Gotify-Key"), t.header("Authorization")) != "" {
		return nil
	}
	var faults scout.Faults
	faults.Add("token", "", "Gotify needs the token of an application: give it here, in the URL as ?token=TOKEN or as the header X-Gotify-Key")
	return faults.Err()
}

type gotifyMessage struct {
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Priority int          `json:"priority"`
	Extras   gotifyExtras `json:"extras"`
}

type gotifyExtras struct {
	Display      gotifyDisplay       `json:"client::display"`
	Notification *gotifyNotification `json:"client::notification,omitempty"`
}

// gotifyDisplay says that the text is no markdown.
type gotifyDisplay struct {
	ContentType string `json:"contentType"`
}

type gotifyNotification struct {
	Click gotifyClick `json:"click"`
}

type gotifyClick struct {
	URL string `json:"url"`
}

func renderGotify(n scout.Notice, t Target) (scout.Request, error) {
	var settings gotifySettings
	if err := t.Settings.Decode(&settings); err != nil {
		return scout.Request{}, fmt.Errorf("gotify: %w", err)
	}
	body, err := encode(gotifyMessageOf(n))
	if err != nil {
		return scout.Request{}, fmt.Errorf("gotify: %w", err)
	}
	req := scout.Request{URL: t.URL, ContentType: jsonContentType, Body: body}
	if u, err := url.Parse(t.URL); err == nil {
		u = withPath(u, strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/message")+"/message")
		req.URL, req.Secrets = u.String(), secretsOf(u, settings.Token)
	}
	if settings.Token != "" {
		req.Header = http.Header{"X-Gotify-Key": {settings.Token}}
	}
	return req, nil
}

func gotifyMessageOf(n scout.Notice) gotifyMessage {
	message := gotifyMessage{
		Title:    dotOf(n.Status) + " " + headline(n, gotifyTitleLimit, plain),
		Message:  detailText(n, gotifyTextLimit, plainMarkup),
		Priority: gotifyPriority(n.Status),
		Extras:   gotifyExtras{Display: gotifyDisplay{ContentType: "text/plain"}},
	}
	if link := webLink(n.Link, gotifyLinkLimit); link != "" {
		message.Extras.Notification = &gotifyNotification{Click: gotifyClick{URL: link}}
	}
	return message
}

// gotifyPriority uses the app's three steps: from 8 it insists, from 4 it
// sounds.
func gotifyPriority(s scout.Status) int {
	switch s {
	case scout.StatusDown:
		return 8
	case scout.StatusWarning:
		return 6
	default:
		return 4
	}
}

// classifyGotify takes Gotify's sentence out of its error. The general rules
// judge.
func classifyGotify(r scout.Response) (scout.Verdict, bool) {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"errorDescription"`
	}
	if json.Unmarshal(r.Body, &answer) != nil {
		return scout.Verdict{}, false
	}
	return inOwnWords(gotifyName, r, cmp.Or(answer.Description, answer.Error))
}

// previewGotify shows the notification as a telephone does.
func previewGotify(body []byte) (Preview, error) {
	var message gotifyMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("gotify: %w", err)
	}
	p := Preview{Title: message.Title}
	if message.Extras.Notification != nil {
		p.Link = message.Extras.Notification.Click.URL
	}
	readDetailText(&p, message.Message)
	return p, nil
}
