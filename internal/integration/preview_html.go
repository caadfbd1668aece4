package integration

import (
	"bytes"
	_ "embed" // for the stylesheet
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"serverscout/internal/scout"
)

//go:embed preview.css
var previewCSS string

// PreviewCSS is the stylesheet for what PreviewHTML draws. All its rules are
// below the class "preview".
func PreviewCSS() string { return previewCSS }

// drawing is what the template of a preview draws.
type drawing struct {
	Format Format
	Tone   string // critical, warning, recovered, or plain for a message without a colour
	Shown  Preview
	Body   string // in place of Shown, where the target shows the body as it is
}

// The classes say what a part is and the stylesheet how it looks, because a
// page with a strict content policy takes no styles inside of elements.
var previewTemplate = template.Must(template.New("preview").Parse(
	`<figure class="preview preview-{{.Format.Name}} preview-{{.Tone}}">` +
		`<figcaption>{{.Format.Title}}</figcaption>` +
		`{{if .Body}}<pre>{{.Body}}</pre>{{else}}{{with .Shown}}<div class="preview-message">` +
		`{{with .Title}}<p class="preview-title">{{.}}</p>{{end}}` +
		`{{with .Text}}<p class="preview-text">{{.}}</p>{{end}}` +
		`{{range .Notes}}<p class="preview-note">{{.}}</p>{{end}}` +
		`{{with .Fields}}<dl>{{range .}}<div><dt>{{index . 0}}</dt><dd>{{index . 1}}</dd></div>{{end}}</dl>{{end}}` +
		`{{with .Link}}<p class="preview-link"><a href="{{.}}" rel="noopener noreferrer">` + linkText + `</a></p>{{end}}` +
		`{{with .Footer}}<p class="preview-footer">{{range .}}<span>{{.}}</span>{{end}}</p>{{end}}` +
		`</div>{{end}}{{end}}</figure>`))

// PreviewHTML draws a request that f rendered roughly as its target will show
// the message, and the JSON body where the target shows nothing but that. The
// result is escaped, has neither styles nor scripts inside, and needs
// PreviewCSS to look like anything. It fails for a body that f did not write.
func PreviewHTML(f Format, r scout.Request) (template.HTML, error) {
	d := drawing{Format: f, Tone: "plain"}
	var err error
	if f.Preview == nil {
		d.Body, err = indented(r.Body)
	} else {
		d.Shown, err = f.Preview(r.Body)
		d.Tone = toneOf(d.Shown.Colour)
	}
	if err != nil {
		return "", fmt.Errorf("preview: %w", err)
	}
	var out strings.Builder
	if err := previewTemplate.Execute(&out, d); err != nil {
		return "", fmt.Errorf("preview: %w", err)
	}
	return template.HTML(out.String()), nil
}

// indented writes a JSON body for people.
func indented(body []byte) (string, error) {
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", "  "); err != nil {
		return "", err
	}
	return out.String(), nil
}

// toneOf names one of our colours for the stylesheet.
func toneOf(hex string) string {
	switch hex {
	case colourCritical.hex():
		return "critical"
	case colourWarning.hex():
		return "warning"
	case colourRecovered.hex():
		return "recovered"
	default:
		return "plain"
	}
}
