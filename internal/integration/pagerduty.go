package integration

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"serverscout/internal/scout"
)

const (
	pagerdutyName = "pagerduty"
	pagerdutyPath = "/v2/enqueue"
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:       pagerdutyName,
			Title:      "PagerDuty",
			Help:       "Events API v2: opens an alert when a service breaks and resolves the same alert when it recovers.",
			KeepsState: true,
			Fields: []scout.Field{{
				Name:    "routing_key",
				Type:    scout.TypeString,
				Help:    "The integration key of the PagerDuty service, 32 letters and digits; not needed when the URL or the header Authorization: Token token=KEY holds it.",
				Example: "0123456789abcdef0123456789abcdef",
				Secret:  true,
				Min:     32,
				Max:     32,
			}},
		},
		Recognise: isPagerDuty,
		MaskURL:   maskPagerDuty,
		Validate:  validatePagerDuty,
		Render:    renderPagerDuty,
		Classify:  classifyPagerDuty,
		Preview:   previewPagerDuty,
	})
}

type pagerdutySettings struct {
	RoutingKey string `json:"routing_key"`
}

var (
	pagerdutyKeyForm = regexp.MustCompile(`^[A-Za-z0-9]{32}$`)
	// pagerdutyKeyPath finds what stands before /integration/, and the key.
	pagerdutyKeyPath = regexp.MustCompile(`^(.*)/integration/([^/]+)/enqueue/?$`)
	// pagerdutyKeyHeader finds the key in an Authorization header.
	pagerdutyKeyHeader = regexp.MustCompile(`(?i)^\s*token\s+token\s*=\s*"?([^"\s]+)"?\s*$`)
)

// isPagerDuty recognises the addresses for events of PagerDuty's two regions.
func isPagerDuty(u *url.URL) bool {
	return isPagerDutyHost(u) && (strings.TrimSuffix(u.Path, "/") == pagerdutyPath || pagerdutyKeyPath.MatchString(u.Path))
}

func isPagerDutyHost(u *url.URL) bool {
	host := secureHost(u)
	return host == "events.pagerduty.com" || host == "events.eu.pagerduty.com"
}

func maskPagerDuty(u *url.URL) string {
	path := u.EscapedPath()
	if parts := pagerdutyKeyPath.FindStringSubmatch(path); parts != nil {
		path = parts[1] + "/integration/" + scout.Masked + "/enqueue"
	}
	return displayWithPath(u, path)
}

// pagerdutyKey returns the integration key and the webhook's key that it was
// found under. Without one it returns "" and the setting's name.
func pagerdutyKey(t Target) (key, field string, err error) {
	var settings pagerdutySettings
	if err := t.Settings.Decode(&settings); err != nil {
		return "", "", err
	}
	if settings.RoutingKey != "" {
		return settings.RoutingKey, "routing_key", nil
	}
	if u, err := url.Parse(t.URL); err == nil {
		if parts := pagerdutyKeyPath.FindStringSubmatch(u.Path); parts != nil {
			return parts[2], "url", nil
		}
	}
	if parts := pagerdutyKeyHeader.FindStringSubmatch(t.header("Authorization")); parts != nil {
		return parts[1], "headers.Authorization", nil
	}
	return "", "routing_key", nil
}

func validatePagerDuty(t Target) error {
	var faults scout.Faults
	key, field, err := pagerdutyKey(t)
	switch {
	case err != nil:
		return scout.Errorf(scout.Invalid, "the settings cannot be read: %v", err)
	case key == "":
		faults.Add(field, "", "PagerDuty needs an integration key: give it here, in the URL (https://events.pagerduty.com/integration/KEY/enqueue) "+
			"or as the header Authorization: Token token=KEY")
	case !pagerdutyKeyForm.MatchString(key):
		faults.Add(field, "", "the integration key must have 32 letters and digits: copy it from the Events API v2 integration of the PagerDuty service")
	}
	return faults.Err()
}

// pagerdutyURL returns where events go: the key leaves the path, because the
// body carries it. Behind a host of the user's own the path is kept otherwise.
func pagerdutyURL(raw string) (string, []string) {
	u, err := url.Parse(raw)
	if err != nil {
		return raw, nil
	}
	if parts := pagerdutyKeyPath.FindStringSubmatch(u.Path); parts != nil {
		u = withPath(u, parts[1]+pagerdutyPath)
	}
	if isPagerDutyHost(u) {
		u = withPath(u, pagerdutyPath)
	}
	return u.String(), credentials(u)
}

func renderPagerDuty(n scout.Notice, t Target) (scout.Request, error) {
	key, _, err := pagerdutyKey(t)
	if err != nil {
		return scout.Request{}, fmt.Errorf("pagerduty: %w", err)
	}
	if key == "" {
		return scout.Request{}, scout.Errorf(scout.Invalid, "pagerduty: there is no integration key")
	}
	body, err := encode(pagerdutyEventOf(n, key))
	if err != nil {
		return scout.Request{}, fmt.Errorf("pagerduty: %w", err)
	}
	address, secrets := pagerdutyURL(t.URL)
	return scout.Request{URL: address, ContentType: jsonContentType, Body: body, Secrets: append(secrets, key)}, nil
}

// classifyPagerDuty takes the list of errors out of a refusal. The general
// rules judge.
func classifyPagerDuty(r scout.Response) (scout.Verdict, bool) {
	var answer struct {
		Message string   `json:"message"`
		Errors  []string `json:"errors"`
	}
	if json.Unmarshal(r.Body, &answer) != nil {
		return scout.Verdict{}, false
	}
	said := answer.Message
	if len(answer.Errors) > 0 {
		said = strings.TrimPrefix(said+": ", ": ") + strings.Join(answer.Errors, "; ")
	}
	return inOwnWords(pagerdutyName, r, said)
}
