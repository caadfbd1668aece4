package integration

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"

	"serverscout/internal/scout"
)

// Telegram counts what is left of a text without its markup; these limits
// count the markup too.
const (
	telegramTextLimit  = 4096
	telegramTitleLimit = 400  // our own
	telegramLinkLimit  = 1000 // our own: longer links are left out
)

type telegramMessage struct {
	ChatID      string              `json:"chat_id"`
	ThreadID    int64               `json:"message_thread_id,omitempty"`
	Text        string              `json:"text"`
	ParseMode   string              `json:"parse_mode"`
	LinkPreview telegramLinkPreview `json:"link_preview_options"`
}

type telegramLinkPreview struct {
	IsDisabled bool `json:"is_disabled"`
}

// wordJoiner is invisible and has no width.
const wordJoiner = "\u2060"

// telegramEscape writes the three characters that begin markup as entities,
// and parts @ from the name after it, which would be told otherwise.
func telegramEscape(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '@':
		return "@" + wordJoiner
	}
	return string(r)
}

var telegramMarkup = markup{
	label:  func(s string) string { return "<b>" + s + "</b>" },
	escape: telegramEscape,
}

// telegramText is the message in Telegram's HTML: a bold title, the details,
// and the link in a line of its own.
func telegramText(n scout.Notice) string {
	title := "<b>" + dotOf(n.Status) + " " + headline(n, telegramTitleLimit, telegramEscape) + "</b>\n"
	link := html.EscapeString(webLink(n.Link, telegramLinkLimit))
	if length(link) > telegramLinkLimit {
		link = ""
	}
	if link != "" {
		link = "\n" + `<a href="` + link + `">` + linkText + "</a>"
	}
	return title + detailText(n, telegramTextLimit-length(title)-length(link), telegramMarkup) + link
}

var (
	telegramLink = regexp.MustCompile(`\n<a href="([^"]*)">.*</a>$`)
	telegramTag  = regexp.MustCompile(`</?b>`)
)

// previewTelegram shows the message as a chat does.
func previewTelegram(body []byte) (Preview, error) {
	var message telegramMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("telegram: %w", err)
	}
	text, p := message.Text, Preview{}
	if link := telegramLink.FindStringSubmatch(text); link != nil {
		p.Link = html.UnescapeString(link[1])
		text = strings.TrimSuffix(text, link[0])
	}
	text = html.UnescapeString(telegramTag.ReplaceAllString(text, ""))
	title, details, _ := strings.Cut(strings.ReplaceAll(text, "@"+wordJoiner, "@"), "\n")
	p.Title = title
	readDetailText(&p, details)
	return p, nil
}
