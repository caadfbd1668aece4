package fake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// TelegramBotPath is the path of the one bot that the Telegram fake knows,
// without a method.
const TelegramBotPath = "/bot123456:notarealtokennotarealtokennotareal"

var (
	telegramChat = regexp.MustCompile(`^(-?[0-9]+|@[A-Za-z][A-Za-z0-9_]{3,31})$`)
	telegramTag  = regexp.MustCompile(`<(b|/b|/a|a href="https?://[^\s"<>]+")>`)
	// telegramMention is what Telegram makes a mention of, and tells to the
	// user of that name.
	telegramMention = regexp.MustCompile(`@[A-Za-z0-9_]{3}`)
)

// Telegram is a receiver of a bot's messages in HTML. It accepts fewer keys
// and tags than Telegram does, counts the markup as text, and refuses
// mentions, which Telegram would tell to people.
type Telegram struct{ Recorder }

// ServeHTTP records, judges and answers in Telegram's words.
func (t *Telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	judge := func(got Request) *Rejection {
		if r.URL.RawQuery != "" {
			return telegramError(http.StatusBadRequest, "Bad Request", errors.New("a query would contend with the body"))
		}
		return CheckTelegram(r.URL.Path, got.Body)
	}
	t.serve(w, r, judge, Reply(http.StatusOK, `{"ok":true,"result":{"message_id":7,"date":1705314600}}`))
}

// CheckTelegram returns why Telegram refuses the body when it is posted to the
// path, or nil.
func CheckTelegram(path string, body []byte) *Rejection {
	method, known := strings.CutPrefix(path, TelegramBotPath+"/")
	switch {
	case !strings.HasPrefix(path, "/bot") || known && method != "sendMessage":
		return telegramError(http.StatusNotFound, "Not Found", errors.New("there is no method at this path"))
	case !known:
		return telegramError(http.StatusUnauthorized, "Unauthorized", errors.New("there is no bot with this token"))
	}
	o, err := parseObject(body)
	if err != nil {
		return telegramError(http.StatusBadRequest, "Bad Request: can't parse JSON object", err)
	}
	if err := o.only("chat_id", "message_thread_id", "text", "parse_mode", "link_preview_options"); err != nil {
		return telegramError(http.StatusBadRequest, "Bad Request", err)
	}
	if chat, _ := o.text("chat_id"); !telegramChat.MatchString(chat) {
		return telegramError(http.StatusBadRequest, "Bad Request: chat not found", fmt.Errorf("chat_id %v is not a text of a number or @name", o.values["chat_id"]))
	}
	if o.has("message_thread_id") {
		if err := checkInteger(o, "message_thread_id", 1, 1<<31-1); err != nil {
			return telegramError(http.StatusBadRequest, "Bad Request: message thread not found", err)
		}
	}
	return checkTelegramText(o)
}

// telegramError writes an error as Telegram does.
func telegramError(status int, description string, why error) *Rejection {
	word, _ := json.Marshal(map[string]any{"ok": false, "error_code": status, "description": description}) // never fails
	return &Rejection{status, string(word), why.Error()}
}

func checkTelegramText(o object) *Rejection {
	preview, _ := o.values["link_preview_options"].(object)
	if mode, _ := o.text("parse_mode"); mode != "HTML" || preview.values["is_disabled"] != true {
		return telegramError(http.StatusBadRequest, "Bad Request", errors.New("parse_mode must be HTML, and link previews disabled"))
	}
	if err := checkLines(o, "text"); err != nil {
		return telegramError(http.StatusBadRequest, "Bad Request: message text is empty", err)
	}
	text, _ := o.text("text")
	if n := length(text); n > 4096 {
		return telegramError(http.StatusBadRequest, "Bad Request: message is too long", fmt.Errorf("%d characters are more than 4096", n))
	}
	if err := checkHTML(text); err != nil {
		return telegramError(http.StatusBadRequest, "Bad Request: can't parse entities", err)
	}
	return nil
}

// checkHTML judges a text in Telegram's HTML: known tags that are closed in
// their order, around some text, and nothing else that needs escaping.
func checkHTML(text string) error {
	open := ""
	for _, tag := range telegramTag.FindAllStringSubmatch(text, -1) {
		name, _, _ := strings.Cut(tag[1], " ")
		switch {
		case strings.Contains(entity.ReplaceAllString(tag[1], ""), "&"):
			return fmt.Errorf("unescaped & in <%s>", tag[1])
		case open == "" && name[0] != '/':
			open = name
		case name == "/"+open:
			open = ""
		default:
			return fmt.Errorf("<%s> inside of <%s>", tag[1], open)
		}
	}
	if open != "" {
		return fmt.Errorf("<%s> is not closed", open)
	}
	visible := entity.ReplaceAllString(telegramTag.ReplaceAllString(text, ""), "+")
	if i := strings.IndexAny(visible, "&<>"); i >= 0 {
		return fmt.Errorf("unescaped %q in %q", visible[i], visible)
	}
	if strings.TrimSpace(visible) == "" {
		return errors.New("there is nothing but markup")
	}
	if mention := telegramMention.FindString(visible); mention != "" {
		return fmt.Errorf("%s… is a mention", mention)
	}
	return nil
}
