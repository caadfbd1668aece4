package integration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"serverscout/internal/scout"
)

// Our own limits, in characters after escaping. Mattermost has one of 16383
// for the text above the attachment.
const (
	mattermostHeadlineLimit = 500
	mattermostMessageLimit  = 4000
	mattermostValueLimit    = 500
	mattermostLinkLimit     = 1000 // longer links are left out
)

// mattermostMessage is the headline, which notifications show, and below it an
// attachment with everything else, because only attachments have a colour.
type mattermostMessage struct {
	Channel     string                 `json:"channel,omitempty"`
	Username    string                 `json:"username,omitempty"`
	Text        string                 `json:"text"`
	Attachments []mattermostAttachment `json:"attachments"`
}

// mattermostAttachment has the alert's name for its title, because the
// headline stands directly above it.
type mattermostAttachment struct {
	Fallback  string            `json:"fallback"`
	Color     string            `json:"color"`
	Title     string            `json:"title,omitempty"`
	TitleLink string            `json:"title_link,omitempty"`
	Text      string            `json:"text,omitempty"`
	Fields    []mattermostField `json:"fields"`
}

type mattermostField struct {
	Short bool   `json:"short"`
	Title string `json:"title"`
	Value string `json:"value"`
}

// mattermostBreak is a space without width. Mattermost looks for mentions,
// channels, emoji and addresses in what is left when backslashes are undone,
// so only a character in between keeps it from finding them.
const mattermostBreak = "\u200B"

// mattermostLive are the places to break: behind what makes a mention, a
// channel, a hashtag, an emoji or an address of the text that follows it.
var mattermostLive = []*regexp.Regexp{
	regexp.MustCompile(`([@~#:])([\pL\pN_/%+-])`),
	regexp.MustCompile(`(?i)(\bwww[0-9]{0,3})(\.)`),
	regexp.MustCompile(`(\.\pL{2,})(/)`),
}

// mattermostLine makes a line of what people typed fit to be escaped and cut to
// limit characters. It does not look at what will be cut off.
func mattermostLine(s string, limit int) string {
	s = beginning(oneLine(s), limit+1)
	for _, live := range mattermostLive {
		s = live.ReplaceAllString(s, "${1}"+mattermostBreak+"${2}")
	}
	return s
}

// beginning returns the first n characters of s.
func beginning(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// mattermostEscape disarms Markdown, and by entities the forms in angle
// brackets that Mattermost takes over from Slack, such as <!channel> and
// <address|text>. A backslash cannot be escaped before a letter; the break
// keeps it from escaping what follows.
func mattermostEscape(r rune) string {
	switch r {
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '&':
		return "&amp;"
	case '\\':
		return `\` + mattermostBreak
	}
	return mattermostBackslash(r)
}

// mattermostFit escapes and cuts what people typed, to stand on its own line.
func mattermostFit(s string, limit int) string {
	return fitLine(mattermostLine(s, limit), limit, mattermostEscape)
}

var mattermostBackslash = backslashed("`*_~[]")

// mattermostText undoes the markup.
func mattermostText(s string) string {
	return mattermostPlain.Replace(unbackslash(s))
}

var mattermostPlain = strings.NewReplacer(mattermostBreak, "", "&lt;", "<", "&gt;", ">", "&amp;", "&")

func mattermostMessageOf(n scout.Notice, s mattermostSettings) mattermostMessage {
	typed := n
	typed.Server = mattermostLine(n.Server, mattermostHeadlineLimit)
	typed.Service = mattermostLine(n.Service, mattermostHeadlineLimit)
	text := markOf(n.Status) + " " + headline(typed, mattermostHeadlineLimit, mattermostEscape)
	attachment := mattermostAttachment{
		Fallback:  text,
		Color:     colourOf(n.Status).hex(),
		TitleLink: webLink(n.Link, mattermostLinkLimit),
		Text:      mattermostFit(n.Message, mattermostMessageLimit),
		Fields:    mattermostFields(n),
	}
	attachment.Title = mattermostTitle(n, attachment.TitleLink)
	return mattermostMessage{
		Channel:     s.Channel,
		Username:    s.Username,
		Text:        text,
		Attachments: []mattermostAttachment{attachment},
	}
}

// mattermostTitle names the alert. A link needs a title to be shown at all.
func mattermostTitle(n scout.Notice, link string) string {
	if id := mattermostFit(n.AlertID, mattermostValueLimit); id != "" {
		return "Alert " + id
	}
	if link != "" {
		return linkText
	}
	return ""
}

func mattermostFields(n scout.Notice) []mattermostField {
	var fields []mattermostField
	if late := lateNote(n, utcClock(n.SentAt)); late != "" {
		fields = append(fields, mattermostField{Title: lateLabel, Value: late})
	}
	for _, row := range facts(n, utcStamp) {
		value := row.value
		if row.typed {
			value = mattermostFit(value, mattermostValueLimit)
		}
		fields = append(fields, mattermostField{Short: !row.wide, Title: row.label, Value: value})
	}
	return fields
}

func previewMattermost(body []byte) (Preview, error) {
	var message mattermostMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("mattermost: %w", err)
	}
	if len(message.Attachments) != 1 {
		return Preview{}, fmt.Errorf("mattermost: a message of %d attachments", len(message.Attachments))
	}
	attachment := message.Attachments[0]
	p := Preview{
		Colour: attachment.Color,
		Title:  mattermostText(message.Text),
		Text:   mattermostText(attachment.Text),
		Link:   attachment.TitleLink,
	}
	for _, field := range attachment.Fields {
		if field.Title == lateLabel {
			p.Notes = append(p.Notes, lateLabel+": "+field.Value)
			continue
		}
		p.Fields = append(p.Fields, [2]string{field.Title, mattermostText(field.Value)})
	}
	if attachment.Title != "" && attachment.Title != linkText {
		p.Footer = []string{mattermostText(attachment.Title)}
	}
	return p, nil
}
