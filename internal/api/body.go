package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"serverscout/internal/scout"
)

// readBody makes sure that the body of an operation that takes one is a JSON
// object of bounded size. huma would quote a body it cannot read in its error,
// secrets and all.
func (a *api) readBody(ctx huma.Context, next func(huma.Context)) {
	wanted := ctx.Operation().RequestBody
	if wanted == nil {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if p := judgeBody(text, err, r.Header.Get("Content-Type"), wanted.Required); p != nil {
		writeProblem(w, p)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	next(ctx)
}

// judgeBody says what is wrong with a body that was read, or returns nil.
func judgeBody(text []byte, err error, contentType string, required bool) *Problem {
	var tooLong *http.MaxBytesError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &tooLong):
		return newProblem(http.StatusRequestEntityTooLarge, scout.Invalid, fmt.Sprintf("the body is longer than %d bytes", maxBody))
	case err != nil:
		return newProblem(http.StatusBadRequest, scout.Invalid, "the body could not be read to its end")
	case len(text) == 0 && !required:
		return nil
	case len(text) == 0:
		return newProblem(http.StatusBadRequest, scout.Invalid, "the body is missing: send a JSON object")
	case !isJSON(contentType):
		return newProblem(http.StatusUnsupportedMediaType, scout.Invalid, "the body must be JSON: send Content-Type: application/json")
	case !utf8.Valid(text):
		return newProblem(http.StatusBadRequest, scout.Invalid, "the body is not UTF-8")
	}
	var object map[string]json.RawMessage
	err = json.Unmarshal(text, &object)
	switch {
	case errors.As(err, &syntax):
		return newProblem(http.StatusBadRequest, scout.Invalid, fmt.Sprintf("the body is not JSON: %s, at byte %d", syntax, syntax.Offset))
	case err != nil, object == nil:
		return newProblem(http.StatusUnprocessableEntity, scout.Invalid, "the body must be a JSON object")
	}
	return nil
}

// isJSON accepts JSON and merge patches, and takes an absent type for JSON.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || media == "application/merge-patch+json")
}
