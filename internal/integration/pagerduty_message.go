package integration

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"serverscout/internal/scout"
)

// PagerDuty's limits, in characters. The whole event may have 512,000 bytes:
// the details' four free texts, of 6 bytes a character at worst, take half.
const (
	pagerdutySummaryLimit  = 1024
	pagerdutyHeadlineLimit = 500 // our own: leaves the summary room for the message
	pagerdutyKeyLimit      = 255
	pagerdutyFieldLimit    = 1024  // our own
	pagerdutyDetailLimit   = 10000 // our own
	pagerdutyLinkLimit     = 2000  // our own: longer links are left out
)

type pagerdutyEvent struct {
	RoutingKey string           `json:"routing_key"`
	Action     string           `json:"event_action"`
	DedupKey   string           `json:"dedup_key,omitempty"`
	Payload    pagerdutyPayload `json:"payload"`
	Links      []pagerdutyLink  `json:"links,omitempty"`
	Client     string           `json:"client"`
	ClientURL  string           `json:"client_url,omitempty"`
}

type pagerdutyPayload struct {
	Summary   string        `json:"summary"`
	Source    string        `json:"source"`
	Severity  string        `json:"severity"`
	Timestamp string        `json:"timestamp,omitempty"`
	Component string        `json:"component,omitempty"`
	Group     string        `json:"group,omitempty"`
	Class     string        `json:"class,omitempty"`
	Details   scout.Payload `json:"custom_details"`
}

type pagerdutyLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// pagerdutyEventOf opens an alert or resolves it. The alert's key is that of
// the incident in both, which is what makes it one and the same alert.
func pagerdutyEventOf(n scout.Notice, key string) pagerdutyEvent {
	event := pagerdutyEvent{
		RoutingKey: key,
		Action:     "trigger",
		DedupKey:   fit(oneLine(n.AlertID), pagerdutyKeyLimit, plain),
		Payload:    pagerdutyPayloadOf(n),
		Client:     "Server Scout",
		ClientURL:  webLink(n.Link, pagerdutyLinkLimit),
	}
	if n.Status == scout.StatusRecovered {
		event.Action = "resolve"
	}
	if event.ClientURL != "" {
		event.Links = []pagerdutyLink{{Href: event.ClientURL, Text: linkText}}
	}
	return event
}

func pagerdutyPayloadOf(n scout.Notice) pagerdutyPayload {
	field := func(s string) string { return fit(oneLine(s), pagerdutyFieldLimit, plain) }
	payload := pagerdutyPayload{
		// It is read aloud on the telephone too, so it has no mark in front.
		Summary:   summary(n, "", pagerdutySummaryLimit, pagerdutyHeadlineLimit, plain),
		Source:    cmp.Or(field(n.Server), field(n.ServerIP), "unknown"),
		Severity:  n.Status.Severity(),
		Component: field(n.Service),
		Group:     field(strings.Join(n.Tags, ", ")),
		Class:     field(n.Service),
		Details:   pagerdutyDetails(n),
	}
	if !n.At.IsZero() {
		payload.Timestamp = scout.Stamp(n.At)
	}
	return payload
}

// pagerdutyDetails is the native payload, cut to what an event can hold.
func pagerdutyDetails(n scout.Notice) scout.Payload {
	details := n.Payload()
	for _, text := range []*string{&details.ServerName, &details.Service, &details.Message, &details.ServerIP} {
		*text = fit(strings.ToValidUTF8(*text, "\uFFFD"), pagerdutyDetailLimit, plain)
	}
	return details
}

// previewPagerDuty shows the alert as PagerDuty lists it.
func previewPagerDuty(body []byte) (Preview, error) {
	var event pagerdutyEvent
	if err := json.Unmarshal(body, &event); err != nil {
		return Preview{}, fmt.Errorf("pagerduty: %w", err)
	}
	p := Preview{
		Colour: colourOf(scout.Status(event.Payload.Details.Status)).hex(),
		Title:  event.Payload.Summary,
		Text:   oneLine(event.Payload.Details.Message),
		Footer: []string{event.Client},
		Link:   event.ClientURL,
	}
	for _, row := range [][2]string{
		{"Action", event.Action},
		{"Alert key", event.DedupKey},
		{"Severity", event.Payload.Severity},
		{"Source", event.Payload.Source},
		{"Component", event.Payload.Component},
		{"Class", event.Payload.Class},
		{"Group", event.Payload.Group},
		{"Address", oneLine(event.Payload.Details.ServerIP)},
		{"Time", event.Payload.Timestamp},
		{"Duration", event.Payload.Details.Duration},
	} {
		if row[1] != "" {
			p.Fields = append(p.Fields, row)
		}
	}
	return p, nil
}
