package integration

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"serverscout/internal/scout"
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  "teams",
			Title: "Microsoft Teams",
			Help:  "An adaptive card for a Teams channel or chat, by a Workflows webhook or by the older connector.",
		},
		Recognise: isTeams,
		MaskURL:   maskTeams,
		Validate:  validateTeams,
		Render:    renderTeams,
		Classify:  classifyTeams,
		Preview:   previewTeams,
	})
}

// teamsPlaces are the addresses of Workflows, then those of connectors. A host
// that begins with a dot stands for the names that end so.
var teamsPlaces = []struct{ host, path string }{
	{".logic.azure.com", "/workflows/"},
	{".environment.api.powerplatform.com", "/powerautomate/automations/direct/"},
	{".webhook.office.com", "/webhookb2/"},
	{"outlook.office.com", "/webhook/"},
}

func isTeams(u *url.URL) bool {
	host := secureHost(u)
	for _, place := range teamsPlaces {
		matches := host == place.host || strings.HasPrefix(place.host, ".") && strings.HasSuffix(host, place.host)
		if matches && strings.HasPrefix(u.Path, place.path) && u.Path != place.path {
			return true
		}
	}
	return false
}

// splitTeamsPath finds the credential of a connector, which is all of the path
// behind its first part. Workflows have theirs in the query.
func splitTeamsPath(u *url.URL) (shown, credential string) {
	for _, marker := range []string{"/webhookb2/", "/webhook/"} {
		if strings.HasPrefix(u.EscapedPath(), marker) {
			return splitPath(u, marker)
		}
	}
	return u.EscapedPath(), ""
}

func maskTeams(u *url.URL) string {
	shown, credential := splitTeamsPath(u)
	return displayMasked(u, shown, credential)
}

// validateTeams finds a Workflows URL without its signature, which is lost
// where a URL is cut at an ampersand.
func validateTeams(t Target) error {
	u, err := url.Parse(t.URL)
	if err != nil {
		return nil // what is no URL at all is refused for any format
	}
	_, connector := splitTeamsPath(u)
	if !isTeams(u) || connector != "" || u.Query().Get("sig") != "" {
		return nil
	}
	var faults scout.Faults
	faults.Add("url", "", "has no sig=… and so will be refused: copy the whole URL out of the flow, "+
		"whose trigger must be open to anyone")
	return faults.Err()
}

// renderTeams writes one envelope for every address: connectors take it as
// Workflows do, so that a connector's URL which is moved to Workflows, and a
// proxy of which nobody knows what is behind it, need no choice. The URL is
// left as it is byte for byte, because its signature covers it.
func renderTeams(n scout.Notice, t Target) (scout.Request, error) {
	body, err := encode(teamsMessageOf(n))
	if err != nil {
		return scout.Request{}, fmt.Errorf("teams: %w", err)
	}
	req := scout.Request{URL: t.URL, ContentType: jsonContentType, Body: body}
	if u, err := url.Parse(t.URL); err == nil {
		_, credential := splitTeamsPath(u)
		req.Secrets = secretsOf(u, credential)
	}
	return req, nil
}

// teamsFailures begin the texts by which a connector tells a failure with the
// status of a success.
var teamsFailures = []string{"webhook message delivery failed", "microsoft teams endpoint returned http error"}

// teamsConnector reports whether a host is one of the older connectors'.
func teamsConnector(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "outlook.office.com" || strings.HasSuffix(host, ".webhook.office.com")
}

// classifyTeams finds a connector's failures, whatever the host: no other
// receiver answers in these words. A connector's only success is the body 1.
// Everything else is left to the general rules, as Workflows may answer a
// success with any text.
func classifyTeams(r scout.Response) (scout.Verdict, bool) {
	said := excerpt(r.Body)
	text := strings.ToLower(strings.TrimLeft(said, `"`))
	failed := slices.ContainsFunc(teamsFailures, func(words string) bool { return strings.HasPrefix(text, words) })
	failed = failed || teamsConnector(r.Host) && said != "1"
	if !failed || !isSuccess(r.Status) {
		return scout.Verdict{}, false
	}
	v := scout.Verdict{
		Outcome: scout.OutcomeRetry,
		Fault:   scout.FaultRejected,
		Detail:  fmt.Sprintf("Microsoft Teams answered %d but not with success: %s", r.Status, said),
	}
	if strings.Contains(text, "http error 429") {
		v.Fault = scout.FaultRateLimited
	}
	return v, true
}
