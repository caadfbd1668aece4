package terminal

import (
	"context"
	"strings"
	"unicode/utf8"

	"serverscout/internal/app/client"
)

// WhyIncident prints, for each event of an incident, what became of it at each
// webhook; only at the one that is named, by id or name, unless that is "".
func (s *Session) WhyIncident(ctx context.Context, id, webhook string) error {
	f := client.WhyFilter{}
	if webhook != "" {
		v, err := s.webhook(ctx, webhook)
		if err != nil {
			return err
		}
		f.WebhookID = v.Value.ID
	}
	found, err := s.API.WhyIncident(ctx, id, f)
	return s.printWhy(found, err)
}

// WhyEvent does so for one event.
func (s *Session) WhyEvent(ctx context.Context, id int64) error {
	found, err := s.API.WhyEvent(ctx, id)
	return s.printWhy(found, err)
}

func (s *Session) printWhy(found client.List[client.Why], err error) error {
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(rawItems(found))
	}
	if len(found.Items) == 0 {
		s.Screen.remark("There are no webhooks to speak of.")
		return nil
	}
	webhooks, words := 0, 0
	for _, item := range found.Items {
		webhooks = max(webhooks, utf8.RuneCountInString(line(item.Value.Webhook)))
		words = max(words, len(whyWord(item.Value)))
	}
	var before int64
	for _, item := range found.Items {
		v := item.Value
		if v.EventID != before {
			s.Screen.printf("%s  %s (%s): %s\n", moment(v.At), v.Kind, s.Screen.word(v.Level), line(v.Message))
			before = v.EventID
		}
		name, word := line(v.Webhook), whyWord(v)
		name += strings.Repeat(" ", webhooks-utf8.RuneCountInString(name))
		fill := strings.Repeat(" ", words-len(word))
		// The sentence is the answer, and so is not cut.
		s.Screen.printf("  %s%s%s%s%s%s\n", name, gap, s.Screen.word(word), fill, gap, line(v.Says))
	}
	return nil
}

// whyWord is what became of an event at a webhook, in a word: how far its
// delivery is, or the reason why there is none.
func whyWord(v client.Why) string {
	if v.Delivery != nil {
		return v.Delivery.Status
	}
	return strings.ReplaceAll(v.Reason, "_", " ")
}
