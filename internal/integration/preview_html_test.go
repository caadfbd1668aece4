package integration_test

import (
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// drawn renders a notice by a format and draws the preview.
func drawn(t failer, f integration.Format, n scout.Notice, target integration.Target) string {
	t.Helper()
	req, err := f.Render(n, target)
	if err != nil {
		t.Fatal(err)
	}
	page, err := integration.PreviewHTML(f, req)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// TestPreviewHTML draws the sample notice by every format and finds what it
// tells, in the colours of its status.
func TestPreviewHTML(t *testing.T) {
	t.Parallel()
	for _, f := range integration.Formats() {
		page := drawn(t, f, down(), goldenTarget(t, f.Name))
		for _, part := range []string{`class="preview preview-` + f.Name + ` `, "<figcaption>" + f.Title + "</figcaption>", "web-server-01", "HTTP service is not responding on port 80"} {
			if !strings.Contains(page, part) {
				t.Errorf("%s: %q is not in\n%s", f.Name, part, page)
			}
		}
		wantsLink, hasLink := f.Preview != nil, strings.Contains(page, `<a href="https://scout.example.com/incidents/12345"`)
		if hasLink != wantsLink {
			t.Errorf("%s: link %v, want %v", f.Name, hasLink, wantsLink)
		}
	}
}

func TestPreviewTone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"down": "critical", "warning": "warning", "recovered": "recovered"} {
		if page := drawn(t, format(t, "slack"), goldenCases()[name], integration.Target{URL: slackURL}); !strings.Contains(page, `preview-`+want+`">`) {
			t.Errorf("%s: no class for %s in\n%s", name, want, page)
		}
	}
	if page := drawn(t, format(t, "native"), down(), integration.Target{}); !strings.Contains(page, `preview-plain"><figcaption>Native JSON</figcaption><pre>{
  &#34;alert_id&#34;: &#34;12345&#34;,`) {
		t.Errorf("native:\n%s", page)
	}
}

// TestPreviewHTMLIsInert checks for any notice that what is drawn has the
// known tags only, and nothing that a strict content policy refuses.
func TestPreviewHTMLIsInert(t *testing.T) {
	t.Parallel()
	tag := regexp.MustCompile(`</?(figure|figcaption|div|p|dl|dt|dd|pre|span)( class="[-a-z ]*")?>|<a href="https?://[^"<>]*" rel="noopener noreferrer">|</a>`)
	targets := map[string]integration.Target{}
	for _, f := range integration.Formats() {
		targets[f.Name] = goldenTarget(t, f.Name)
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(targets))).Draw(rt, "format")
		page := drawn(rt, format(t, name), anyNotice().Draw(rt, "notice"), targets[name])
		if rest := tag.ReplaceAllString(page, ""); strings.ContainsAny(rest, "<>\"") {
			rt.Fatalf("%s: a tag that is not known in\n%s", name, page)
		}
	})
}

func TestPreviewHTMLFails(t *testing.T) {
	t.Parallel()
	for _, f := range integration.Formats() {
		page, err := integration.PreviewHTML(f, scout.Request{Body: []byte("{")})
		if err == nil || page != "" {
			t.Errorf("%s: %q, %v", f.Name, page, err)
		}
	}
}

// TestPreviewCSSKnowsEveryFormat fails for a format that nobody has laid out.
func TestPreviewCSSKnowsEveryFormat(t *testing.T) {
	t.Parallel()
	css := integration.PreviewCSS()
	for _, f := range integration.Formats() {
		if f.Preview != nil && !strings.Contains(css, ".preview-"+f.Name+" ") {
			t.Errorf("no rules for %s", f.Name)
		}
	}
	for _, tone := range []string{"#d32f2f", "#f5a300", "#2e9e4f"} {
		if !strings.Contains(css, tone) {
			t.Errorf("the colour %s is missing", tone)
		}
	}
	if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the stylesheet loads something")
	}
}

// TestPreviewEscapes looks at the hostile case: its text is there, as text.
func TestPreviewEscapes(t *testing.T) {
	t.Parallel()
	page := drawn(t, format(t, "discord"), goldenCases()["hostile"], integration.Target{URL: discordURL})
	if !strings.Contains(html.UnescapeString(page), "<https://evil.example|click> {{.}}") || strings.Contains(page, "<https") {
		t.Errorf("%s", page)
	}
}
