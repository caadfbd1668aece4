package fake

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// lines goes through the lines of a text, without their ends.
func lines(text string) iter.Seq[string] { return strings.SplitSeq(text, "\n") }

// checkEmbed judges one embed and counts the characters that all embeds
// together are limited in.
func checkEmbed(o object) (size int, err error) {
	if err := o.only("title", "description", "color", "fields", "footer", "timestamp"); err != nil {
		return 0, err
	}
	for key, limit := range map[string]int{"title": 256, "description": 4096} {
		if text, _ := o.text(key); o.has(key) {
			if err := checkDiscordText(o, key, limit); err != nil {
				return 0, err
			}
			size += length(text)
		}
	}
	if err := checkInteger(o, "color", 0, 16777215); err != nil {
		return 0, err
	}
	if stamp, ok := o.text("timestamp"); o.has("timestamp") {
		if _, err := time.Parse(time.RFC3339, stamp); !ok || err != nil {
			return 0, fmt.Errorf("timestamp %q is not a time", stamp)
		}
	}
	footer, err := checkEmbedFooter(o)
	if err != nil {
		return 0, err
	}
	fields, err := checkEmbedFields(o)
	return size + footer + fields, err
}

func checkEmbedFooter(o object) (size int, err error) {
	if !o.has("footer") {
		return 0, nil
	}
	footer, ok := o.values["footer"].(object)
	if !ok || footer.only("text") != nil {
		return 0, errors.New("the footer must be an object of text alone")
	}
	text, _ := footer.text("text")
	return length(text), checkPlain(text, 2048)
}

func checkEmbedFields(o object) (size int, err error) {
	if !o.has("fields") {
		return 0, nil
	}
	fields, err := o.objects("fields", 1, 25)
	if err != nil {
		return 0, err
	}
	for i, field := range fields {
		err := errors.Join(
			field.only("name", "value", "inline"),
			checkDiscordText(field, "name", 256),
			checkDiscordText(field, "value", 1024),
		)
		if _, isBool := field.values["inline"].(bool); field.has("inline") && !isBool {
			err = errors.New("inline must be true or false")
		}
		if err != nil {
			return 0, fmt.Errorf("field %d: %w", i, err)
		}
		name, _ := field.text("name")
		value, _ := field.text("value")
		size += length(name) + length(value)
	}
	return size, nil
}
