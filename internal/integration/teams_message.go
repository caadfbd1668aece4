package integration

import (
	"encoding/json"
	"fmt"

	"serverscout/internal/scout"
)

// Our own limits, in characters after escaping. Teams has one limit of 28 KB
// for the whole message. A character takes at most three bytes in it, so with
// these the longest message has less than 24 KB, whatever script it is in.
const (
	teamsTitleLimit   = 300
	teamsMessageLimit = 4000
	teamsValueLimit   = 500
	teamsLinkLimit    = 1000 // longer links are left out
)

// teamsMessage is the envelope that brings a card.
type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	ContentURL  *string   `json:"contentUrl"` // null: the card is in Content
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string         `json:"$schema"`
	Type    string         `json:"type"`
	Version string         `json:"version"`
	Body    []teamsElement `json:"body"`
	Actions []teamsAction  `json:"actions,omitempty"`
	MSTeams teamsLayout    `json:"msteams"`
}

// teamsElement is a TextBlock, a Container of such, or a FactSet.
type teamsElement struct {
	Type     string         `json:"type"`
	Style    string         `json:"style,omitempty"`
	Items    []teamsElement `json:"items,omitempty"`
	Text     string         `json:"text,omitempty"`
	Size     string         `json:"size,omitempty"`
	Weight   string         `json:"weight,omitempty"`
	Color    string         `json:"color,omitempty"`
	IsSubtle bool           `json:"isSubtle,omitempty"`
	Wrap     bool           `json:"wrap,omitempty"`
	Facts    []teamsFact    `json:"facts,omitempty"`
}

type teamsFact struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

type teamsAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

type teamsLayout struct {
	Width string `json:"width"`
}

// teamsEscape disarms the Markdown that cards know, mentions and the functions
// in double braces. It escapes no more than that, because some versions of the
// mobile app show the backslashes.
var teamsEscape = backslashed("\\`*_~[]<>{&")

// teamsColour is the card's own word for a colour: it has no others.
func teamsColour(s scout.Status) string {
	switch s {
	case scout.StatusDown:
		return "attention"
	case scout.StatusWarning:
		return "warning"
	default:
		return "good"
	}
}

func teamsMessageOf(n scout.Notice) teamsMessage {
	card := teamsCard{
		Schema:  "http://adaptivecards.io/schemas/adaptive-card.json",
		Type:    "AdaptiveCard",
		Version: "1.4", // a card of a later version is taken and then not shown
		Body:    []teamsElement{teamsHeading(n)},
		MSTeams: teamsLayout{Width: "Full"},
	}
	if message := fitLine(oneLine(n.Message), teamsMessageLimit, teamsEscape); message != "" {
		card.Body = append(card.Body, teamsElement{Type: "TextBlock", Text: message, Wrap: true})
	}
	if late := lateNote(n, utcClock(n.SentAt)); late != "" {
		card.Body = append(card.Body, teamsElement{
			Type: "TextBlock", Text: lateLabel + ": " + late, Size: "small", IsSubtle: true, Wrap: true,
		})
	}
	card.Body = append(card.Body, teamsElement{Type: "FactSet", Facts: teamsFacts(n)})
	if link := webLink(n.Link, teamsLinkLimit); link != "" {
		card.Actions = []teamsAction{{Type: "Action.OpenUrl", Title: linkText, URL: link}}
	}
	return teamsMessage{
		Type: "message",
		Attachments: []teamsAttachment{{
			ContentType: "application/vnd.microsoft.card.adaptive",
			Content:     card,
		}},
	}
}

// teamsHeading is the headline on a ground of its colour.
func teamsHeading(n scout.Notice) teamsElement {
	mark := markOf(n.Status) + " "
	title := teamsElement{
		Type:   "TextBlock",
		Text:   mark + headline(n, teamsTitleLimit-length(mark), teamsEscape),
		Size:   "medium",
		Weight: "bolder",
		Color:  teamsColour(n.Status),
		Wrap:   true,
	}
	return teamsElement{Type: "Container", Style: teamsColour(n.Status), Items: []teamsElement{title}}
}

func teamsFacts(n scout.Notice) []teamsFact {
	rows := facts(n, utcStamp)
	if id := oneLine(n.AlertID); id != "" {
		rows = append(rows, fact{label: "Alert", value: id, typed: true})
	}
	list := make([]teamsFact, 0, len(rows))
	for _, row := range rows {
		value := row.value
		if row.typed {
			value = fitLine(value, teamsValueLimit, teamsEscape)
		}
		list = append(list, teamsFact{Title: row.label, Value: value})
	}
	return list
}

// teamsShades are the colours that the card's words stand for.
var teamsShades = map[string]colour{
	"attention": colourCritical,
	"warning":   colourWarning,
	"good":      colourRecovered,
}

func previewTeams(body []byte) (Preview, error) {
	var message teamsMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("teams: %w", err)
	}
	if len(message.Attachments) != 1 {
		return Preview{}, fmt.Errorf("teams: a message of %d cards", len(message.Attachments))
	}
	card := message.Attachments[0].Content
	var p Preview
	for _, element := range card.Body {
		switch {
		case element.Type == "Container" && len(element.Items) > 0:
			p.Colour = teamsShades[element.Style].hex()
			p.Title = unbackslash(element.Items[0].Text)
		case element.Type == "FactSet":
			for _, f := range element.Facts {
				p.Fields = append(p.Fields, [2]string{f.Title, unbackslash(f.Value)})
			}
		case element.IsSubtle:
			p.Notes = append(p.Notes, element.Text)
		default:
			p.Text = unbackslash(element.Text)
		}
	}
	if len(card.Actions) > 0 {
		p.Link = card.Actions[0].URL
	}
	return p, nil
}
