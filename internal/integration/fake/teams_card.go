package fake

import (
	"errors"
	"fmt"
	"slices"
)

// checkTeamsCards judges the attachments of an envelope. Of the card schema it
// knows what Server Scout has a use for; every other property is refused. So
// is a key of the native payload at the top, which Teams would ignore.
func checkTeamsCards(o object, body []byte) error {
	if len(body) > maxTeamsBody {
		return fmt.Errorf("%d bytes are more than 28 KB", len(body))
	}
	if err := o.only("type", "attachments"); err != nil {
		return err
	}
	attachments, err := o.objects("attachments", 1, 10)
	if err != nil {
		return err
	}
	for i, attachment := range attachments {
		if err := checkTeamsAttachment(attachment); err != nil {
			return fmt.Errorf("attachment %d: %w", i, err)
		}
	}
	return nil
}

func checkTeamsAttachment(o object) error {
	if err := o.only("contentType", "contentUrl", "content"); err != nil {
		return err
	}
	if kind, _ := o.text("contentType"); kind != "application/vnd.microsoft.card.adaptive" {
		return fmt.Errorf("content type %q is not a card", kind)
	}
	if o.values["contentUrl"] != nil {
		return errors.New("contentUrl must be null")
	}
	card, ok := o.values["content"].(object)
	if !ok {
		return errors.New("there is no card")
	}
	return checkCard(card)
}

func checkCard(o object) error {
	if err := o.only("$schema", "type", "version", "body", "actions", "msteams"); err != nil {
		return err
	}
	if kind, _ := o.text("type"); kind != "AdaptiveCard" {
		return fmt.Errorf("type %q is not AdaptiveCard", kind)
	}
	if version, _ := o.text("version"); !slices.Contains([]string{"1.0", "1.1", "1.2", "1.3", "1.4"}, version) {
		return fmt.Errorf("version %q is not one up to 1.4, which Teams shows", version)
	}
	layout, _ := o.values["msteams"].(object)
	if width, _ := layout.text("width"); o.has("msteams") && (layout.only("width") != nil || width != "Full") {
		return errors.New("msteams may only be the full width: entities would be mentions")
	}
	elements, err := o.objects("body", 1, 50)
	if err != nil {
		return err
	}
	for i, element := range elements {
		if err := checkElement(element); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return checkCardActions(o)
}

// checkElement judges an element; Containers may hold others.
func checkElement(o object) error {
	switch kind, _ := o.text("type"); kind {
	case "TextBlock":
		return checkTextBlock(o)
	case "FactSet":
		return checkFactSet(o)
	case "Container":
		return checkContainer(o)
	default:
		return fmt.Errorf("type %q is not known here", kind)
	}
}

// cardWords are the values that Teams understands, in lower case only.
var cardWords = map[string][]string{
	"size":   {"default", "small", "medium", "large", "extraLarge"},
	"weight": {"default", "lighter", "bolder"},
	"color":  {"default", "dark", "light", "accent", "good", "warning", "attention"},
	"style":  {"default", "emphasis", "accent", "good", "warning", "attention"},
}

func checkWords(o object, keys ...string) error {
	for _, key := range keys {
		if word, _ := o.text(key); o.has(key) && !slices.Contains(cardWords[key], word) {
			return fmt.Errorf("%s %q is not one of %q", key, word, cardWords[key])
		}
	}
	return nil
}

// cardMarks are the characters with a meaning in the Markdown of cards, and
// the brace that begins a function.
const cardMarks = "*_[]<>`~{"

func checkTextBlock(o object) error {
	if err := o.only("type", "text", "size", "weight", "color", "isSubtle", "wrap"); err != nil {
		return err
	}
	for _, key := range []string{"isSubtle", "wrap"} {
		if _, isBool := o.values[key].(bool); o.has(key) && !isBool {
			return fmt.Errorf("%s must be true or false", key)
		}
	}
	text, _ := o.text("text")
	return errors.Join(checkWords(o, "size", "weight", "color"), checkMarkdown(text, maxTeamsBody, cardMarks))
}

func checkFactSet(o object) error {
	if err := o.only("type", "facts"); err != nil {
		return err
	}
	facts, err := o.objects("facts", 1, 50)
	if err != nil {
		return err
	}
	for i, fact := range facts {
		title, _ := fact.text("title")
		value, _ := fact.text("value")
		err := errors.Join(
			fact.only("title", "value"),
			checkMarkdown(title, maxTeamsBody, cardMarks),
			checkMarkdown(value, maxTeamsBody, cardMarks),
		)
		if err != nil {
			return fmt.Errorf("fact %d: %w", i, err)
		}
	}
	return nil
}

func checkContainer(o object) error {
	if err := errors.Join(o.only("type", "style", "items"), checkWords(o, "style")); err != nil {
		return err
	}
	items, err := o.objects("items", 1, 50)
	if err != nil {
		return err
	}
	for i, item := range items {
		if err := checkElement(item); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

func checkCardActions(o object) error {
	if !o.has("actions") {
		return nil
	}
	actions, err := o.objects("actions", 1, 6)
	if err != nil {
		return err
	}
	for i, action := range actions {
		if kind, _ := action.text("type"); kind != "Action.OpenUrl" {
			return fmt.Errorf("action %d: type %q is not known here", i, kind)
		}
		err := errors.Join(action.only("type", "title", "url"), checkLine(action, "title", 100), checkWebAddress(action, "url"))
		if err != nil {
			return fmt.Errorf("action %d: %w", i, err)
		}
	}
	return nil
}
