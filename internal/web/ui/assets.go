package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

//go:embed assets
var files embed.FS

// Assets serves the style sheet, the browser code and the icons. Their address
// holds a hash of all of them, so that they may be kept for good.
type Assets struct {
	Path    string // below the root, without a slash at either end
	content map[string]asset
}

type asset struct{ kind, text string }

// NewAssets reads what is built in.
func NewAssets() *Assets {
	a := &Assets{content: map[string]asset{
		"style.css": {"text/css; charset=utf-8", builtIn("style.css")},
		"scout.js":  {"text/javascript; charset=utf-8", builtIn("scout.js")},
	}}
	for state, colour := range map[State]string{Up: "#1f8f4c", Warning: "#c67a00", Down: "#cf2f2c"} {
		a.content[string(state)+".svg"] = asset{"image/svg+xml", icon(state, colour)}
	}
	a.Path = "assets/" + a.hash()
	return a
}

// Add adds a style sheet that some pages alone need. Call it before anything is
// served.
func (a *Assets) Add(name, css string) {
	a.content[name] = asset{"text/css; charset=utf-8", css}
	a.Path = "assets/" + a.hash()
}

func builtIn(name string) string {
	text, err := files.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is built in
	}
	return string(text)
}

func (a *Assets) hash() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.content)) {
		fmt.Fprintf(sum, "%s %d %s", name, len(a.content[name].text), a.content[name].text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// icon is a state's shape as a picture of its own.
func icon(s State, colour string) string {
	shape := map[State]string{
		Up:      `<circle cx="8" cy="8" r="7"/>`,
		Warning: `<path d="M8 1 15.5 15H.5z"/>`,
		Down:    `<rect x="1" y="1" width="14" height="14"/>`,
	}[s]
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="` + colour + `">` + shape + `</svg>`
}

// ServeHTTP serves a file by the last part of its path.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.content[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", file.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write([]byte(file.text)) // nobody is left to tell if it fails
}
