package manage_test

import (
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// twoServersWith is twoServers with a part replaced.
func twoServersWith(t *testing.T, old, replacement string) string {
	t.Helper()
	if strings.Count(twoServers, old) != 1 {
		t.Fatalf("%q is not there once", old)
	}
	return strings.Replace(twoServers, old, replacement, 1)
}

func TestDeclaredFaults(t *testing.T) {
	t.Parallel()
	taken := func(field, name, what string) scout.FieldError {
		return scout.FieldError{Field: field, Value: name, Message: "is the name of another " + what + " already, number 1 in the list: names must differ"}
	}
	tests := map[string]struct {
		file string
		want []scout.FieldError
	}{
		"server twice":  {"servers: [{name: a}, {name: b}, {name: a}]", []scout.FieldError{taken("servers[2].name", "a", "server")}},
		"webhook twice": {`webhooks: [{name: a, url: "http://a/"}, {name: a, url: "http://b/"}]`, []scout.FieldError{taken("webhooks[1].name", "a", "webhook")}},
		"check twice": {
			"servers: [{name: a, ip: 192.0.2.1, checks: [{kind: http}, {kind: tls, name: HTTP}]}]",
			[]scout.FieldError{taken("servers[0].checks[1].name", "HTTP", "check of this server")},
		},
		"check twice by its default name": {
			"servers: [{name: a, ip: 192.0.2.1, checks: [{kind: http}, {kind: http}]}]",
			[]scout.FieldError{taken("servers[0].checks[1].name", "HTTP", "check of this server")},
		},
		"one name on two servers":             {"servers: [{name: a, ip: b, checks: [{kind: http}]}, {name: b, ip: b, checks: [{kind: http}]}]", nil},
		"one name for a server and a webhook": {`{servers: [{name: a}], webhooks: [{name: a, url: "http://a/"}]}`, nil},
		"no checks":                           {"servers: [{name: a, checks: }]", nil},
		"checks no list":                      {"servers: [{name: a, checks: {kind: http}}]", fault("servers[0].checks", "", "must be a list of checks")},
		"check no group":                      {"servers: [{name: a, checks: [http]}]", fault("servers[0].checks[0]", "", "must be a group of keys with at least kind")},
		"unknown and null":                    {"servers: [{name: a, nmae: }]", fault("servers[0].nmae", "", `is not a known key: did you mean "name"?`)},
		"key of the file where it does not belong": {
			"servers: [{name: a, webhooks: []}]", fault("servers[0].webhooks", "", "is not a known key: known here are checks, ip, name, tags"),
		},
		"checks misspelt": {"servers: [{name: a, cheks: []}]", fault("servers[0].cheks", "", `is not a known key: did you mean "checks"?`)},
		"everything at once": {`
servers:
  - ip: 192.0.2.1
    checks:
      - {kind: htp}
      - {kind: http, interval: 60}
webhooks:
  - {name: ops, url: "mailto:ops@example.com"}
`, []scout.FieldError{
			{Field: "servers[0].name", Message: "is missing: The server's name, unique among servers."},
			{Field: "servers[0].checks[0].kind", Value: "htp", Message: "must be one of " + kindNames() + "; did you mean \"http\"?"},
			{Field: "servers[0].checks[1].interval", Value: "60", Message: noDuration},
			{Field: "webhooks[0].url", Message: "the URL must begin with https:// or http://"},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseFile(test.file)
			if test.want == nil {
				must(t, err)
				return
			}
			equal(t, "faults", faultsOf(t, err), test.want)
		})
	}
}
