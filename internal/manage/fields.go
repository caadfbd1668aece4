package manage

import (
	"slices"
	"time"

	"serverscout/internal/integration"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// longestName is how many characters a name may have, of any script.
const longestName = 500

// ServerFields describes a server's own keys.
func ServerFields() []scout.Field {
	return []scout.Field{
		{Name: "name", Type: scout.TypeString, Required: true, Min: 1, Max: longestName, Help: "The server's name, unique among servers.", Example: "web-server-01"},
		{Name: "ip", Type: scout.TypeString, Max: 253, Help: "Its address or host name; checks without a target of their own use it.", Example: "192.168.1.100"},
		{Name: "tags", Type: scout.TypeStrings, Max: 100, Help: "Words to group servers by, for a webhook's match.", Example: "[prod, web]"},
	}
}

// The smallest values a user may choose.
const (
	shortestInterval = time.Second
	shortestTimeout  = 50 * time.Millisecond
	shortestRemind   = time.Minute
	longestInterval  = 30 * 24 * time.Hour
	longestTimeout   = 10 * time.Minute
)

// commonCheckFields are the keys of every check.
func commonCheckFields() []scout.Field {
	return []scout.Field{
		{Name: "name", Type: scout.TypeString, Min: 1, Max: longestName, Help: "The check's name, the payload's \"service\"; default: the kind's name.", Example: "HTTP"},
		{Name: "kind", Type: scout.TypeString, Required: true, Enum: kindNames(), Help: "What kind of check it is.", Example: "http"},
		{Name: "target", Type: scout.TypeString, Max: 4096, Help: "What is probed; default: built from the server's ip and the kind.", Example: "http://192.168.1.100/"},
		{Name: "remind", Type: scout.TypeDuration, Min: int64(shortestRemind), Max: int64(longestInterval), Help: "How often an incident that stays open is told again; without it, never.", Example: "4h"},
	}
}

// probeFields are the keys of every check that is probed.
func probeFields() []scout.Field {
	return []scout.Field{
		{Name: "interval", Type: scout.TypeDuration, Default: "60s", Min: int64(shortestInterval), Max: int64(longestInterval), Help: "How often it is probed."},
		{Name: "timeout", Type: scout.TypeDuration, Min: int64(shortestTimeout), Max: int64(longestTimeout), Help: "How long a probe may take; default: 10s, or the interval if that is shorter."},
		{Name: "fail_after", Type: scout.TypeInteger, Default: int64(3), Min: 1, Max: 1000, Help: "Consecutive failures before \"down\"."},
		{Name: "recover_after", Type: scout.TypeInteger, Default: int64(2), Min: 1, Max: 1000, Help: "Consecutive successes before \"recovered\"."},
		{Name: "confirm_interval", Type: scout.TypeDuration, Min: int64(shortestInterval), Max: int64(longestInterval), Help: "How often it is probed while a change is being confirmed; never longer than the interval; default: 10s, or the interval if that is shorter."},
	}
}

func kindNames() []string {
	names := []string{}
	for _, k := range probe.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// CheckFields describes all keys of a check of a kind, the common ones first.
func CheckFields(k probe.Kind) []scout.Field {
	fields := commonCheckFields()
	if !k.Passive {
		fields = append(fields, probeFields()...)
	}
	return append(fields, k.Fields...)
}

// AllCheckFields describes the keys of checks of every kind, once each, for a
// schema that cannot depend on the kind.
func AllCheckFields() []scout.Field {
	fields := append(commonCheckFields(), probeFields()...)
	for _, k := range probe.Kinds() {
		for _, f := range k.Fields {
			f.Required = false
			fields = merge(fields, f)
		}
	}
	return fields
}

// merge adds f to fields. Groups of one name become one group with the keys of
// both; of other keys of one name the first stands.
func merge(fields []scout.Field, f scout.Field) []scout.Field {
	i := slices.IndexFunc(fields, func(g scout.Field) bool { return g.Name == f.Name })
	if i < 0 {
		f.Fields = slices.Clone(f.Fields)
		return append(fields, f)
	}
	for _, sub := range f.Fields {
		fields[i].Fields = merge(fields[i].Fields, sub)
	}
	return fields
}

// WebhookFields describes a webhook's own keys. Formats have further ones.
func WebhookFields() []scout.Field {
	return []scout.Field{
		{Name: "name", Type: scout.TypeString, Required: true, Min: 1, Max: longestName, Help: "The webhook's name, unique among webhooks.", Example: "ops"},
		{Name: "url", Type: scout.TypeURL, Required: true, Secret: true, Max: 4096, Help: "Where it is sent to: an http or https URL.", Example: "https://hooks.example.com/alerts"},
		{Name: "format", Type: scout.TypeString, Default: "auto", Enum: append([]string{"auto"}, formatNames()...), Help: "How the message is written; auto follows the URL."},
		{Name: "alert_types", Type: scout.TypeStrings, Default: scout.AllAlerts.Names(), Min: 1, Max: 3, Enum: scout.AllAlerts.Names(), Help: "What it hears."},
		{Name: "headers", Type: scout.TypeMap, Secret: true, Help: "Custom headers, sent as given; their values are secrets.", Example: `{Authorization: "Bearer …"}`},
		{Name: "secret", Type: scout.TypeString, Secret: true, Help: "Signing secret, whsec_ and base64 of 24 to 64 bytes; without one, requests are not signed."},
		{Name: "previous_secret", Type: scout.TypeString, Secret: true, Help: "The secret before, which signs as well while receivers change over."},
		matchField("Only what this names: any within a key, all across keys."),
	}
}

func formatNames() []string {
	names := []string{}
	for _, f := range integration.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// AllWebhookFields describes a webhook's keys with those of every format.
func AllWebhookFields() []scout.Field {
	fields := WebhookFields()
	for _, f := range integration.Formats() {
		for _, field := range f.Fields {
			field.Required = false
			fields = merge(fields, field)
		}
	}
	return fields
}
