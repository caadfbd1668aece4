package fake

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// checkBlocks judges the list under the key "blocks".
func checkBlocks(o object) error {
	blocks, err := o.list("blocks", 1, 50)
	if err != nil {
		return err
	}
	for i, v := range blocks {
		block, ok := v.(object)
		if !ok {
			return fmt.Errorf("block %d is not an object", i)
		}
		if err := checkBlock(block); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
	}
	return nil
}

func checkBlock(o object) error {
	if o.has("block_id") {
		if id, ok := o.text("block_id"); !ok || id == "" || length(id) > 255 {
			return errors.New("block_id must have 1 to 255 characters")
		}
	}
	switch kind, _ := o.text("type"); kind {
	case "header":
		return errors.Join(o.only("type", "block_id", "text"), checkText(o.values["text"], 150, "plain_text"))
	case "section":
		return checkSection(o)
	case "context":
		return errors.Join(o.only("type", "block_id", "elements"), checkTexts(o, "elements", 3000))
	case "actions":
		return checkActions(o)
	case "divider":
		return o.only("type", "block_id")
	default:
		return fmt.Errorf("type %q is not known here", kind)
	}
}

func checkSection(o object) error {
	if err := o.only("type", "block_id", "text", "fields"); err != nil {
		return err
	}
	if !o.has("text") && !o.has("fields") {
		return errors.New("a section needs text or fields")
	}
	if o.has("text") {
		if err := checkText(o.values["text"], 3000, "plain_text", "mrkdwn"); err != nil {
			return err
		}
	}
	if o.has("fields") {
		return checkTexts(o, "fields", 2000)
	}
	return nil
}

// checkTexts judges a list of 1 to 10 text objects.
func checkTexts(o object, key string, limit int) error {
	items, err := o.list(key, 1, 10)
	if err != nil {
		return err
	}
	for i, v := range items {
		if err := checkText(v, limit, "plain_text", "mrkdwn"); err != nil {
			return fmt.Errorf("%s %d: %w", key, i, err)
		}
	}
	return nil
}

func checkActions(o object) error {
	if err := o.only("type", "block_id", "elements"); err != nil {
		return err
	}
	items, err := o.list("elements", 1, 25)
	if err != nil {
		return err
	}
	for i, v := range items {
		if err := checkButton(v); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}

func checkButton(v any) error {
	o, ok := v.(object)
	if !ok {
		return errors.New("not an object")
	}
	if kind, _ := o.text("type"); kind != "button" {
		return fmt.Errorf("type %q is not known here", kind)
	}
	if err := o.only("type", "text", "url", "action_id"); err != nil {
		return err
	}
	raw, _ := o.text("url")
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || length(raw) > 3000 {
		return errors.New("url must be a web address of at most 3000 characters")
	}
	return checkText(o.values["text"], 75, "plain_text")
}

// checkText judges a text object of one of the kinds allowed.
func checkText(v any, limit int, kinds ...string) error {
	o, ok := v.(object)
	if !ok {
		return errors.New("the text is not an object")
	}
	kind, _ := o.text("type")
	if !slices.Contains(kinds, kind) {
		return fmt.Errorf("text of type %q is not allowed here", kind)
	}
	option := map[string]string{"plain_text": "emoji", "mrkdwn": "verbatim"}[kind]
	if err := o.only("type", "text", option); err != nil {
		return err
	}
	if _, isBool := o.values[option].(bool); o.has(option) && !isBool {
		return fmt.Errorf("%s must be true or false", option)
	}
	text, ok := o.text("text")
	if !ok || strings.TrimSpace(text) == "" {
		return errors.New("the text is empty")
	}
	return checkString(text, limit, kind == "mrkdwn")
}

var (
	entity = regexp.MustCompile(`&(amp|lt|gt);`)
	// token is what the renderer is known to write on purpose: dates and links.
	token = regexp.MustCompile(`<!date\^-?[0-9]+\^[^<>|^]+\|[^<>|]+>|<https?://[^\s<>|]+\|[^<>|]+>`)
)

// checkString judges a text that people read: its length, no control
// characters but the line feed, and &, < and > only as entities or, where the
// text is markup, in a known token.
func checkString(s string, limit int, markup bool) error {
	if n := length(s); n > limit {
		return fmt.Errorf("%d characters are more than %d", n, limit)
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 {
		return fmt.Errorf("a control character at byte %d", i)
	}
	rest := entity.ReplaceAllString(s, "+")
	if markup {
		rest = token.ReplaceAllString(rest, "+")
	}
	if i := strings.IndexAny(rest, "&<>"); i >= 0 {
		return fmt.Errorf("unescaped %q in %q", rest[i], s)
	}
	return nil
}

// length counts UTF-16 units: stricter than counting characters.
func length(s string) int { return len(utf16.Encode([]rune(s))) }
