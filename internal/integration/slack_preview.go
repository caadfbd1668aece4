package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// previewSlack shows the attachment, which says all that the line above it
// says, or the variables that a workflow is started with.
func previewSlack(body []byte) (Preview, error) {
	var message slackMessage
	if err := json.Unmarshal(body, &message); err != nil {
		return Preview{}, fmt.Errorf("slack: %w", err)
	}
	if len(message.Attachments) == 0 {
		return previewSlackWorkflow(body)
	}
	p := Preview{Colour: message.Attachments[0].Color}
	for _, block := range message.Attachments[0].Blocks {
		readSlackBlock(&p, block)
	}
	return p, nil
}

// readSlackBlock adds a block to a preview. Small print before the fields is a
// note, behind them the footer.
func readSlackBlock(p *Preview, block slackBlock) {
	switch {
	case block.Type == "header" && block.Text != nil:
		p.Title = slackShown(*block.Text)
	case block.Text != nil:
		p.Text = slackShown(*block.Text)
	}
	for i := 0; i+1 < len(block.Fields); i += 2 {
		p.Fields = append(p.Fields, [2]string{slackShown(block.Fields[i]), slackShown(block.Fields[i+1])})
	}
	for _, element := range block.Elements {
		link := slackAnchor.FindStringSubmatch(element.Text)
		switch {
		case element.Type == "mrkdwn" && link != nil:
			p.Link = slackEntities.Replace(link[1])
		case p.Fields == nil:
			p.Notes = append(p.Notes, slackShown(element))
		default:
			p.Footer = append(p.Footer, slackShown(element))
		}
	}
}

var (
	slackDate     = regexp.MustCompile(`<!date\^[^|>]*\|([^>]*)>`)
	slackAnchor   = regexp.MustCompile(`^<(https?://[^|>]*)\|[^>]*>$`)
	slackEntities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// slackShown is the text of a text object without its markup. Times read as
// they do where Slack cannot show them in the reader's zone.
func slackShown(t slackText) string {
	text := t.Text
	if t.Type == "mrkdwn" {
		text = strings.Trim(slackDate.ReplaceAllString(text, "$1"), "*")
	}
	return slackEntities.Replace(text)
}

// previewSlackWorkflow lists the variables: what they become is up to the
// workflow.
func previewSlackWorkflow(body []byte) (Preview, error) {
	var variables map[string]string
	if err := json.Unmarshal(body, &variables); err != nil {
		return Preview{}, fmt.Errorf("slack: %w", err)
	}
	var p Preview
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		p.Fields = append(p.Fields, [2]string{name, variables[name]})
	}
	return p, nil
}
