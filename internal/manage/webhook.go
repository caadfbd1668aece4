package manage

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// ParseWebhook reads a webhook from its keys. checkURL judges the URL.
func ParseWebhook(in map[string]any, checkURL func(string) error) (scout.Webhook, error) {
	var faults scout.Faults
	rawURL, _ := in["url"].(string)
	name, _ := in["format"].(string)
	format, err := integration.Resolve(name, rawURL)
	fields := WebhookFields()
	if err == nil {
		fields = append(fields, format.Fields...)
	}
	v := normalise("", fields, in, &faults)
	w := scout.Webhook{
		Name:           str(v, "name"),
		URL:            scout.NewSecret(str(v, "url")),
		DisplayURL:     integration.DisplayURL(format.Name, str(v, "url")),
		Format:         str(v, "format"),
		Headers:        headers(v, &faults),
		Secret:         secret("secret", v, &faults),
		PreviousSecret: secret("previous_secret", v, &faults),
		Match:          match(v),
		Settings:       scout.Settings{},
	}
	w.AlertTypes, _ = scout.ParseAlertTypes(strs(v, "alert_types"))
	for _, f := range format.Fields {
		if value, ok := v[f.Name]; ok {
			w.Settings[f.Name] = value
		}
	}
	if w.Name != "" {
		checkName("name", w.Name, &faults)
	}
	if raw, given := v["url"].(string); given {
		faults.Join("url", checkURL(raw))
	}
	if format.Validate != nil {
		faults.JoinNew(format.Validate(integration.Target{URL: w.URL.Reveal(), Settings: w.Settings, Headers: w.Headers}))
	}
	return w, faults.Err()
}

func secret(key string, v map[string]any, faults *scout.Faults) scout.Secret {
	s := str(v, key)
	if s == "" {
		return scout.Secret{}
	}
	if _, err := integration.ParseSecret(s); err != nil {
		faults.Join(key, err)
	}
	return scout.NewSecret(s)
}

// ownHeaders are those that no custom header may set: the transport's and the
// signature's.
var ownHeaders = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection"}

func headers(v map[string]any, faults *scout.Faults) []scout.Header {
	in, _ := v["headers"].(map[string]any)
	list := []scout.Header{}
	seen := map[string]bool{}
	for _, name := range sortedKeys(in) {
		at := scout.JoinPath("headers", name)
		canonical := http.CanonicalHeaderKey(name)
		value, _ := in[name].(string)
		switch {
		case !isToken(name):
			faults.Add(at, "", "is not a header name: use letters, digits and -")
		case slices.Contains(ownHeaders, canonical), strings.HasPrefix(canonical, "Webhook-"):
			faults.Add(at, "", "is set by Server Scout and cannot be a custom header")
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			faults.Add(at, "", "must not contain line breaks or control characters")
		case seen[canonical]:
			faults.Add(at, "", "is given twice, in different capitals")
		}
		seen[canonical] = true
		list = append(list, scout.Header{Name: name, Value: scout.NewSecret(value)})
	}
	return list
}

// isToken reports whether s can be a header's name (RFC 9110, token).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// DescribeWebhook is the inverse of ParseWebhook, secrets and all.
func DescribeWebhook(w scout.Webhook) map[string]any {
	return describe(w, w.URL.Reveal(), scout.Secret.Reveal)
}

// ShowWebhook is DescribeWebhook with every secret masked.
func ShowWebhook(w scout.Webhook) map[string]any {
	f, _ := integration.Resolve(w.Format, w.URL.Reveal()) // of a format that is no more, nothing is shown
	w.Settings = scout.Mask(f.Fields, w.Settings)
	return describe(w, w.DisplayURL, scout.Secret.String)
}

func describe(w scout.Webhook, url string, text func(scout.Secret) string) map[string]any {
	out := map[string]any{}
	for k, v := range w.Settings {
		out[k] = v
	}
	custom := map[string]any{}
	for _, h := range w.Headers {
		custom[h.Name] = text(h.Value)
	}
	out["name"], out["url"], out["format"] = w.Name, url, w.Format
	out["alert_types"], out["headers"] = w.AlertTypes.Names(), custom
	out["match"] = describeMatch(w.Match)
	for key, s := range map[string]scout.Secret{"secret": w.Secret, "previous_secret": w.PreviousSecret} {
		if !s.Empty() {
			out[key] = text(s)
		}
	}
	return out
}

// sameWebhook reports whether two webhooks are configured alike.
func sameWebhook(a, b scout.Webhook) bool {
	return a.Source == b.Source && sameJSON(DescribeWebhook(a), DescribeWebhook(b))
}

// changeWebhook applies a merge patch to a webhook. Stored secrets go along
// only while the URL's host stays the same: otherwise whoever may change the
// URL could have them sent to a host of their own.
func changeWebhook(old scout.Webhook, patch map[string]any, checkURL func(string) error) (scout.Webhook, error) {
	if patch["url"] == old.DisplayURL { // shown, and not changed since
		patch = maps.Clone(patch)
		delete(patch, "url")
	}
	merged := DescribeWebhook(old)
	merge7396(merged, patch)
	var faults scout.Faults
	if raw, ok := patch["url"].(string); ok && hostOf(raw) != hostOf(old.URL.Reveal()) {
		demandSecrets(merged, old, patch, &faults)
	} else {
		unmaskWebhook(merged, old)
	}
	w, err := ParseWebhook(merged, checkURL)
	faults.Join("", err)
	w.ID, w.Source, w.Revision, w.CreatedAt = old.ID, old.Source, old.Revision, old.CreatedAt
	w.Paused, w.DisabledAt, w.DisabledWhy, w.Health = old.Paused, old.DisabledAt, old.DisabledWhy, old.Health
	return w, faults.Err()
}

// demandSecrets takes the stored secrets out of merged, and says which of them
// the patch must give anew because the host has changed.
func demandSecrets(merged map[string]any, old scout.Webhook, patch map[string]any, faults *scout.Faults) {
	custom, _ := merged["headers"].(map[string]any)
	given, _ := patch["headers"].(map[string]any)
	for _, h := range old.Headers {
		demand(custom, given, h.Name, scout.JoinPath("headers", h.Name), faults)
	}
	for _, key := range storedSecrets(old) {
		demand(merged, patch, key, key, faults)
	}
}

// demand takes one stored secret out of merged, with a fault, unless the patch
// gave it anew or removed it.
func demand(merged, patch map[string]any, key, at string, faults *scout.Faults) {
	v, there := merged[key]
	if _, anew := patch[key]; !there || anew && v != scout.Masked {
		return
	}
	delete(merged, key)
	faults.Add(at, "", "the URL's host has changed, so what was stored for the old one is not sent there: give it anew, or remove it")
}

// storedSecrets lists the keys under which a webhook has a secret, beside its
// URL and headers.
func storedSecrets(w scout.Webhook) []string {
	keys := []string{}
	if !w.PreviousSecret.Empty() {
		keys = append(keys, "previous_secret")
	}
	if !w.Secret.Empty() {
		keys = append(keys, "secret")
	}
	f, _ := integration.Resolve(w.Format, w.URL.Reveal())
	for _, field := range f.Fields {
		if field.Secret && w.Settings[field.Name] != nil {
			keys = append(keys, field.Name)
		}
	}
	return keys
}

func unmaskWebhook(values map[string]any, old scout.Webhook) {
	custom, _ := values["headers"].(map[string]any)
	for _, h := range old.Headers {
		if custom[h.Name] == scout.Masked {
			custom[h.Name] = h.Value.Reveal()
		}
	}
	for key, s := range map[string]scout.Secret{"secret": old.Secret, "previous_secret": old.PreviousSecret} {
		if values[key] == scout.Masked && !s.Empty() {
			values[key] = s.Reveal()
		}
	}
	f, _ := integration.Resolve(old.Format, old.URL.Reveal())
	unmask(f.Fields, values, old.Settings)
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
