package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

// A drawing is a preview: the message, or why there is none.
type drawing struct {
	html    string // trusted
	body    string // what is sent, indented if it is JSON
	trouble string
}

// draw draws the message that a form's webhook would send. Values that cannot
// be saved yet are drawn as far as they go.
func (a *Area) draw(ctx context.Context, f form) (drawing, error) {
	w, err := a.webhook(ctx, f)
	if err != nil && !scout.HasCode(err, scout.Invalid) {
		return drawing{}, err
	}
	html, body, err := a.Engine.Preview(w, f.status)
	if err != nil {
		return drawing{trouble: "The message cannot be drawn yet: " + err.Error()}, nil
	}
	var indented bytes.Buffer
	if json.Indent(&indented, []byte(body), "", "  ") == nil {
		body = indented.String()
	}
	return drawing{html: html, body: body}, nil
}

// preview answers with the preview of what was typed.
func (a *Area) preview(r *page.Request) error {
	f, err := a.read(r)
	if err != nil {
		return err
	}
	if !r.Part() {
		return a.again(r, http.StatusOK, f, nil, nil)
	}
	d, err := a.draw(r.Context(), f)
	if err != nil {
		return err
	}
	return r.ShowPart(message(d, f.json))
}
