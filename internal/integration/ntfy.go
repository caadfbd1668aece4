package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"serverscout/internal/scout"
)

const ntfyName = "ntfy"

// ntfy's limits. A message of 4,096 bytes or more becomes an attached file,
// and a request may have twice as many bytes. A character has at most 3 bytes.
const (
	ntfyTextLimit  = 1300 // our own, in characters
	ntfyTitleLimit = 250  // our own, in characters
	ntfyLinkLimit  = 1000 // our own, in characters: longer links are left out
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  ntfyName,
			Title: "ntfy",
			Help:  "A push notification through ntfy.sh or an ntfy server of your own; the URL is the topic's, such as https://ntfy.sh/mytopic.",
			Fields: []scout.Field{
				{
					Name:    "topic",
					Type:    scout.TypeString,
					Help:    "The topic, where the URL is the server's alone.",
					Example: "alerts-x7k2m9",
					Secret:  true, // who knows a topic can read it
					Max:     64,
				},
				{
					Name:    "token",
					Type:    scout.TypeString,
					Help:    "An access token, where the topic is protected; sent as Authorization: Bearer.",
					Example: "tk_notarealtokennotarealtoken0",
					Secret:  true,
				},
			},
		},
		Recognise: isNtfy,
		MaskURL:   maskNtfy,
		Validate:  validateNtfy,
		Render:    renderNtfy,
		Classify:  classifyNtfy,
		Preview:   previewNtfy,
	})
}

type ntfySettings struct {
	Topic string `json:"topic"`
	Token string `json:"token"`
}

var ntfyTopicForm = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

// isNtfy recognises a topic of the public server. Servers of one's own can be
// anywhere.
func isNtfy(u *url.URL) bool {
	topic := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/")
	return secureHost(u) == "ntfy.sh" && ntfyTopicForm.MatchString(topic)
}

// maskNtfy masks the topic, which works as a password.
func maskNtfy(u *url.URL) string {
	prefix, topic := path.Split(strings.TrimRight(u.EscapedPath(), "/"))
	if topic == "" {
		return displayWithPath(u, "/")
	}
	return displayWithPath(u, prefix+scout.Masked)
}

// ntfyPlace returns the address to post to, the topic and the token. The topic
// is the setting's, or the last part of the path, "" where there is neither.
func ntfyPlace(t Target) (u *url.URL, topic, token string, err error) {
	var settings ntfySettings
	if err := t.Settings.Decode(&settings); err != nil {
		return nil, "", "", err
	}
	u, err = url.Parse(t.URL)
	if err != nil {
		return nil, "", "", badURL("cannot be read") // the parser's error quotes it
	}
	base := strings.TrimRight(u.Path, "/")
	topic = settings.Topic
	if topic == "" {
		topic = base[strings.LastIndexByte(base, '/')+1:]
	}
	base = strings.TrimSuffix(base, "/"+topic)
	return withPath(u, base+"/"), topic, settings.Token, nil
}

func validateNtfy(t Target) error {
	var faults scout.Faults
	_, topic, _, err := ntfyPlace(t)
	field := "url"
	if t.Settings["topic"] != nil {
		field = "topic"
	}
	switch {
	case err != nil:
		faults.Join("", err)
	case topic == "":
		faults.Add(field, "", "must end in the topic, such as https://ntfy.sh/mytopic, or give the topic as the setting topic")
	case !ntfyTopicForm.MatchString(topic):
		faults.Add(field, "", "the topic must have 1 to 64 letters, digits, - and _, and be the last part of the URL or the setting topic")
	}
	return faults.Err()
}

// ntfyMessage is published to the server's root; markdown is off by default.
type ntfyMessage struct {
	Topic    string   `json:"topic"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Priority int      `json:"priority"`
	Tags     []string `json:"tags"`
	Click    string   `json:"click,omitempty"`
}

func renderNtfy(n scout.Notice, t Target) (scout.Request, error) {
	u, topic, token, err := ntfyPlace(t)
	if err != nil {
		return scout.Request{}, fmt.Errorf("ntfy: %w", err)
	}
	if topic == "" {
		return scout.Request{}, scout.Errorf(scout.Invalid, "ntfy: there is no topic")
	}
	priority, tag, _ := ntfyUrgency(n.Status)
	body, err := encode(ntfyMessage{
		Topic:    topic,
		Title:    headline(n, ntfyTitleLimit, plain),
		Message:  detailText(n, ntfyTextLimit, plainMarkup),
		Priority: priority,
		Tags:     []string{tag},
		Click:    webLink(n.Link, ntfyLinkLimit),
	})
	if err != nil {
		return scout.Request{}, fmt.Errorf("ntfy: %w", err)
	}
	req := scout.Request{
		URL: u.String(), ContentType: jsonContentType, Body: body,
		Secrets: secretsOf(u, topic),
	}
	if token != "" {
		req.Secrets = append(req.Secrets, token)
		if t.header("Authorization") == "" {
			req.Header = http.Header{"Authorization": {"Bearer " + token}}
		}
	}
	return req, nil
}

// ntfyUrgency returns the priority (5 breaks through "do not disturb", 3 is
// the default), and the tag that ntfy shows as an emoji before the title.
func ntfyUrgency(s scout.Status) (priority int, tag, emoji string) {
	switch s {
	case scout.StatusDown:
		return 5, "red_circle", "🔴"
	case scout.StatusWarning:
		return 4, "orange_circle", "🟠"
	default:
		return 3, "green_circle", "🟢"
	}
}

// classifyNtfy takes ntfy's sentence out of its error. Codes 429xx are limits
// and quotas, whatever the status.
func classifyNtfy(r scout.Response) (scout.Verdict, bool) {
	var answer struct {
		Code  int    `json:"code"`
		Error string `json:"error"`
	}
	if json.Unmarshal(r.Body, &answer) != nil {
		return scout.Verdict{}, false
	}
	v, ok := inOwnWords(ntfyName, r, answer.Error)
	if ok && answer.Code/100 == http.StatusTooManyRequests {
		v.Fault = scout.FaultRateLimited
	}
	return v, ok
}

// previewNtfy shows the notification as a telephone does.
func previewNtfy(body []byte) (Preview, error) {
	var message ntfyMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("ntfy: %w", err)
	}
	p := Preview{Title: message.Title, Link: message.Click}
	for _, s := range []scout.Status{scout.StatusDown, scout.StatusWarning, scout.StatusRecovered} {
		if priority, _, emoji := ntfyUrgency(s); priority == message.Priority {
			p.Title = emoji + " " + p.Title
		}
	}
	readDetailText(&p, message.Message)
	return p, nil
}
