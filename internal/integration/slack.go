package integration

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  "slack",
			Title: "Slack",
			Help:  "A readable message for a Slack incoming webhook; a Slack workflow gets the native keys as its variables.",
		},
		Recognise: isSlack,
		MaskURL:   maskSlack,
		Render:    renderSlack,
		Classify:  classifySlack,
		Preview:   previewSlack,
	})
}

// isSlack recognises the webhook addresses of Slack and of its government
// cloud. Plain http is not one of them: Slack does not take it, and it would
// give the credential away.
func isSlack(u *url.URL) bool {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if u.Scheme != "https" || host != "hooks.slack.com" && host != "hooks.slack-gov.com" {
		return false
	}
	if port := u.Port(); port != "" && port != "443" {
		return false
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return rest != "" && (first == "services" || isSlackWorkflow(u))
}

// isSlackWorkflow reports whether the path is one of those that start a
// workflow. They take flat variables instead of a message. The host does not
// matter, so that Slack behind a proxy is served as well.
func isSlackWorkflow(u *url.URL) bool {
	return strings.HasPrefix(u.Path, "/workflows/") || strings.HasPrefix(u.Path, "/triggers/")
}

// splitSlackPath splits a URL's path into what may be shown and the
// credential, which is all that follows the ids of team, app and workflow; of
// an unknown path it is the last part.
func splitSlackPath(u *url.URL) (shown, credential string) {
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	keep := len(parts) - 1
	switch parts[0] {
	case "services", "triggers":
		keep = min(keep, 3)
	case "workflows":
		keep = min(keep, 4)
	}
	for _, part := range parts[:keep] {
		shown += "/" + part
	}
	return shown + "/", strings.Join(parts[keep:], "/")
}

func maskSlack(u *url.URL) string {
	shown, credential := splitSlackPath(u)
	if credential != "" {
		shown += scout.Masked
	}
	return displayWithPath(u, shown)
}

// renderSlack writes a message, or the native keys for a workflow.
func renderSlack(n scout.Notice, t Target) (scout.Request, error) {
	req := scout.Request{URL: t.URL, ContentType: jsonContentType}
	var content any = slackMessageOf(n)
	if u, err := url.Parse(t.URL); err == nil {
		req.Secrets = credentials(u)
		if _, credential := splitSlackPath(u); credential != "" {
			req.Secrets = append(req.Secrets, credential)
		}
		if isSlackWorkflow(u) {
			content = n.Payload()
		}
	}
	body, err := encode(content)
	if err != nil {
		return scout.Request{}, fmt.Errorf("slack: %w", err)
	}
	req.Body = body
	return req, nil
}

// classifySlack accepts nothing but Slack's own words of success: "ok" from a
// webhook, {"ok":true} from a workflow. Errors follow the general rules.
func classifySlack(r scout.Response) (scout.Verdict, bool) {
	if !isSuccess(r.Status) {
		return scout.Verdict{}, false
	}
	var workflow struct {
		OK bool `json:"ok"`
	}
	if string(r.Body) == "ok" || json.Unmarshal(r.Body, &workflow) == nil && workflow.OK {
		return scout.Verdict{Outcome: scout.OutcomeDelivered}, true
	}
	said := excerpt(r.Body)
	if said == "" {
		said = "nothing readable"
	}
	return scout.Verdict{
		Outcome: scout.OutcomeRetry,
		Fault:   scout.FaultRejected,
		Detail:  fmt.Sprintf("Slack answered %d but not with ok: %s", r.Status, said),
	}, true
}
