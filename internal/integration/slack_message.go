package integration

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// Slack's limits, in characters after escaping.
const (
	slackTextLimit     = 4000
	slackHeaderLimit   = 150
	slackSectionLimit  = 3000
	slackFieldLimit    = 2000
	slackContextLimit  = 300  // our own: a context is small print
	slackLinkLimit     = 3000 // longer links are left out
	slackHeadlineLimit = 1200 // our own: leaves the text room for the message
)

// slackMessage is a webhook message. Everything is inside one attachment,
// because only attachments have a colour; Text is what notifications and
// screen readers give.
type slackMessage struct {
	Text        string            `json:"text"`
	Markup      bool              `json:"mrkdwn"`
	Attachments []slackAttachment `json:"attachments"`
}

type slackAttachment struct {
	Color  string       `json:"color"`
	Blocks []slackBlock `json:"blocks"`
}

// slackBlock is a header, section or context block.
type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Fields   []slackText `json:"fields,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

// slackText is a text object. Emoji belongs to plain text, Verbatim to markup.
type slackText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji,omitempty"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

// slackPlain shows text that comes from users. Plain text objects know no
// markup and no mentions, so such text needs no neutralising beyond the
// entities; and emoji codes stay as written (":100:" may be part of an
// address).
func slackPlain(text string, limit int) slackText {
	return slackText{Type: "plain_text", Text: fit(oneLine(text), limit, slackEscape), Emoji: new(false)}
}

// slackMarkup shows text that this package made: labels, times, links. Text
// from users never goes here.
func slackMarkup(text string) slackText {
	return slackText{Type: "mrkdwn", Text: text, Verbatim: true}
}

// slackEscape writes the three characters that Slack gives a meaning as
// entities.
func slackEscape(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	return string(r)
}

func slackMessageOf(n scout.Notice) slackMessage {
	title := markOf(n.Status) + " "
	title += headline(n, slackHeaderLimit-length(title), slackEscape)
	blocks := []slackBlock{{Type: "header", Text: &slackText{Type: "plain_text", Text: title, Emoji: new(false)}}}
	if message := slackPlain(n.Message, slackSectionLimit); message.Text != "" {
		blocks = append(blocks, slackBlock{Type: "section", Text: &message})
	}
	if late := lateNote(n, slackTime); late != "" {
		blocks = append(blocks, slackBlock{Type: "context", Elements: []slackText{slackMarkup("Late: " + late)}})
	}
	blocks = append(blocks, slackBlock{Type: "section", Fields: slackFields(n)})
	if elements := slackFooter(n); len(elements) > 0 {
		blocks = append(blocks, slackBlock{Type: "context", Elements: elements})
	}
	return slackMessage{
		Text:        summary(n, markOf(n.Status)+" ", slackTextLimit, slackHeadlineLimit, slackEscape),
		Attachments: []slackAttachment{{Color: colourOf(n.Status).hex(), Blocks: blocks}},
	}
}

// slackFields is a table of two columns: each label is followed by its value,
// in a text object of its own, so that labels can be bold while values stay
// plain. Five rows are what a section can hold.
func slackFields(n scout.Notice) []slackText {
	var fields []slackText
	row := func(label string, value slackText) {
		if value.Text != "" {
			fields = append(fields, slackMarkup("*"+label+"*"), value)
		}
	}
	row("Server", slackPlain(n.Server, slackFieldLimit))
	row("Service", slackPlain(n.Service, slackFieldLimit))
	row("Address", slackPlain(n.ServerIP, slackFieldLimit))
	if n.Status == scout.StatusRecovered {
		row("Lasted", slackMarkup(lasted(n, slackTime)))
	} else {
		row("Since", slackMarkup(since(n, slackTime)))
	}
	row("Severity", slackPlain(n.Status.Severity(), slackFieldLimit))
	return fields
}

// slackFooter names the alert and links to it.
func slackFooter(n scout.Notice) []slackText {
	var elements []slackText
	if id := oneLine(n.AlertID); id != "" {
		elements = append(elements, slackPlain("Alert "+id, slackContextLimit))
	}
	if link := slackLink(n.Link); link != "" {
		elements = append(elements, slackMarkup("<"+link+"|Open in Server Scout>"))
	}
	return elements
}

// slackLink makes a URL fit to stand in a link token, which <, > and | would
// end. It returns "" for what is no web address or too long to be one.
func slackLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	link := strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "&", "&amp;").Replace(oneLine(u.String()))
	if length(link) > slackLinkLimit {
		return ""
	}
	return link
}

// slackTime writes a time that Slack shows in the reader's own zone, and in
// UTC where it cannot.
func slackTime(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), utcStamp(t))
}
