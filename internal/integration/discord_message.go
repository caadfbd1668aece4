package integration

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// Discord's limits, in characters after escaping. All texts of an embed
// together may have 6000: our own limits are set so that they never exceed it.
const (
	discordTitleLimit   = 256
	discordMessageLimit = 2500 // our own
	discordLinkLimit    = 1000 // our own; longer links are left out
	discordValueLimit   = 500  // our own
	discordFooterLimit  = 200  // our own
)

// discordMessage is a webhook message of one embed.
type discordMessage struct {
	Username        string          `json:"username,omitempty"`
	ThreadName      string          `json:"thread_name,omitempty"`
	Embeds          []discordEmbed  `json:"embeds"`
	AllowedMentions discordMentions `json:"allowed_mentions"`
}

// discordMentions lists what may ping. We always send the empty list: without
// it @everyone in a message would reach everyone.
type discordMentions struct {
	Parse []string `json:"parse"`
}

// discordEmbed has no url, though it could link its title: Discord refuses the
// whole message when it dislikes the URL, as it does names of inner networks.
// A link in the description is never refused.
type discordEmbed struct {
	Title       string         `json:"title"`
	Description string         `json:"description,omitempty"`
	Colour      colour         `json:"color"`
	Fields      []discordField `json:"fields"`
	Footer      *discordFooter `json:"footer,omitempty"`
	Timestamp   string         `json:"timestamp,omitempty"`
}

type discordField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

// discordFooter is plain text: it knows no markup.
type discordFooter struct {
	Text string `json:"text"`
}

// discordEscape disarms emphasis, code, spoilers, links, mentions, timestamps
// and emoji. The colon takes bare addresses with it: without it no "https://"
// is left to be made a link of.
var discordEscape = backslashed("\\`*_~|<>[]@:")

func discordMessageOf(n scout.Notice, s discordSettings) discordMessage {
	mark := markOf(n.Status) + " "
	embed := discordEmbed{
		Title:       mark + headline(n, discordTitleLimit-length(mark), discordEscape),
		Description: discordDescription(n),
		Colour:      colourOf(n.Status),
		Fields:      discordFields(n),
	}
	if id := fit(oneLine(n.AlertID), discordFooterLimit, plain); id != "" {
		embed.Footer = &discordFooter{Text: "Alert " + id}
	}
	if !n.At.IsZero() {
		embed.Timestamp = scout.Stamp(n.At)
	}
	return discordMessage{
		Username:        s.Username,
		ThreadName:      s.ThreadName,
		Embeds:          []discordEmbed{embed},
		AllowedMentions: discordMentions{Parse: []string{}},
	}
}

// discordDescription is the message and, on a line of its own, the link.
func discordDescription(n scout.Notice) string {
	var lines []string
	if message := fitLine(oneLine(n.Message), discordMessageLimit, discordEscape); message != "" {
		lines = append(lines, message)
	}
	if link := webLink(n.Link, discordLinkLimit); link != "" {
		lines = append(lines, "["+linkText+"]("+link+")")
	}
	return strings.Join(lines, "\n")
}

func discordFields(n scout.Notice) []discordField {
	var fields []discordField
	if late := lateNote(n, discordTime); late != "" {
		fields = append(fields, discordField{Name: lateLabel, Value: late})
	}
	for _, row := range facts(n, discordTime) {
		value := row.value
		if row.typed {
			value = fitLine(value, discordValueLimit, discordEscape)
		}
		fields = append(fields, discordField{Name: row.label, Value: value, Inline: !row.wide})
	}
	return fields
}

// discordTime writes a time that Discord shows in the reader's own zone.
func discordTime(t time.Time) string { return fmt.Sprintf("<t:%d:f>", t.Unix()) }

var (
	discordStamp = regexp.MustCompile(`<t:(-?[0-9]+):f>`)
	discordLink  = regexp.MustCompile(`(?m)^\[` + linkText + `\]\((.*)\)$`)
)

// discordText undoes the markup, with times in UTC, as every reader's zone is
// another.
func discordText(s string) string {
	s = discordStamp.ReplaceAllStringFunc(s, func(stamp string) string {
		seconds, err := strconv.ParseInt(discordStamp.FindStringSubmatch(stamp)[1], 10, 64)
		if err != nil {
			return stamp
		}
		return utcStamp(time.Unix(seconds, 0))
	})
	return unbackslash(s)
}

func previewDiscord(body []byte) (Preview, error) {
	var message discordMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("discord: %w", err)
	}
	if len(message.Embeds) != 1 {
		return Preview{}, fmt.Errorf("discord: a message of %d embeds", len(message.Embeds))
	}
	embed := message.Embeds[0]
	p := Preview{Colour: embed.Colour.hex(), Title: discordText(embed.Title)}
	if link := discordLink.FindStringSubmatch(embed.Description); link != nil {
		p.Link = link[1]
	}
	p.Text = discordText(strings.TrimSpace(discordLink.ReplaceAllString(embed.Description, "")))
	for _, field := range embed.Fields {
		if field.Name == lateLabel {
			p.Notes = append(p.Notes, lateLabel+": "+discordText(field.Value))
			continue
		}
		p.Fields = append(p.Fields, [2]string{field.Name, discordText(field.Value)})
	}
	if embed.Footer != nil {
		p.Footer = append(p.Footer, embed.Footer.Text)
	}
	if at, err := time.Parse(time.RFC3339, embed.Timestamp); err == nil {
		p.Footer = append(p.Footer, utcStamp(at))
	}
	return p, nil
}
