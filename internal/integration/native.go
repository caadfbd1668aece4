package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"

	"serverscout/internal/scout"
)

const (
	nativeName      = "native"
	jsonContentType = "application/json"
)

func init() {
	register(Format{
		FormatMeta: scout.FormatMeta{
			Name:  nativeName,
			Title: "Native JSON",
			Help:  "Server Scout's own JSON object of nine strings, for your own programs and for every URL that no other format recognises.",
		},
		Render: renderNative,
	})
}

// renderNative writes the nine keys as they are: nothing is cut, for a
// program decides itself what it can hold.
func renderNative(n scout.Notice, t Target) (scout.Request, error) {
	body, err := encode(n.Payload())
	if err != nil {
		return scout.Request{}, fmt.Errorf("native: %w", err)
	}
	req := scout.Request{URL: t.URL, ContentType: jsonContentType, Body: body}
	if u, err := url.Parse(t.URL); err == nil {
		req.Secrets = credentials(u)
	}
	return req, nil
}

// encode writes compact JSON with <, > and & as they are, and U+FFFD in place
// of invalid UTF-8.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
