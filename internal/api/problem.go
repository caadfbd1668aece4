package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// Problem is an error as clients see it (RFC 9457).
type Problem struct {
	Type   string         `json:"type" doc:"Always about:blank: status and code say what kind it is."`
	Title  string         `json:"title" example:"Not Found"`
	Status int            `json:"status" example:"404"`
	Detail string         `json:"detail,omitempty" doc:"What is wrong and what to do about it."`
	Code   scout.Code     `json:"code" enum:"invalid,not_found,conflict,managed,changed,unauthorized,forbidden,unavailable,internal" doc:"managed: it is declared in the configuration file, change it there."`
	Errors []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"Every faulty field."`
}

// FieldProblem is one faulty field of a request.
type FieldProblem struct {
	Field   string `json:"field" example:"expect.status" doc:"Its path in the body, or the parameter's name."`
	Value   string `json:"value,omitempty" doc:"What stood there, shortened; never a secret."`
	Message string `json:"message" doc:"What is wrong and what would be right."`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns what the status asks for beside the body, for huma.
func (p *Problem) GetHeaders() http.Header {
	switch p.Status {
	case http.StatusUnauthorized:
		return http.Header{"Www-Authenticate": {"Bearer"}}
	case http.StatusServiceUnavailable:
		return http.Header{"Retry-After": {retryAfter}}
	default:
		return nil
	}
}

// retryAfter is the wait in seconds that goes with every 503.
const retryAfter = "5"

func newProblem(status int, code scout.Code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// malformed marks an Invalid error as one of form: what came cannot be read
// at all, which is a 400 and not a 422.
type malformed struct{ error }

func (m malformed) Unwrap() error { return m.error }

// problem turns a handler's error into what the client sees. The cause of an
// internal error is for the log alone.
func (a *api) problem(ctx context.Context, operation string, err error) *Problem {
	if ctx.Err() != nil { // whatever failed, it failed because of that
		return newProblem(http.StatusServiceUnavailable, scout.Unavailable, "the request took too long or was given up")
	}
	var e *scout.Error
	if !errors.As(err, &e) || e.Code == scout.Internal {
		a.log.Error("request failed", "operation", operation, "error", err)
		return newProblem(http.StatusInternalServerError, scout.Internal, "something went wrong inside Server Scout: its log says what")
	}
	status := statusOf(e.Code)
	if errors.As(err, new(malformed)) {
		status = http.StatusBadRequest
	}
	p := newProblem(status, e.Code, e.Message)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Field: f.Field, Value: f.Value, Message: f.Message})
	}
	if p.Detail == "" {
		p.Detail = summary(p.Errors)
	}
	return p
}

// summary is the detail of a problem that lies in its fields.
func summary(faults []FieldProblem) string {
	if len(faults) == 1 {
		return faults[0].Field + " " + faults[0].Message
	}
	return fmt.Sprintf("%d fields are not as they should be", len(faults))
}

func statusOf(code scout.Code) int {
	switch code {
	case scout.Invalid:
		return http.StatusUnprocessableEntity
	case scout.NotFound:
		return http.StatusNotFound
	case scout.Conflict, scout.ManagedByFile:
		return http.StatusConflict
	case scout.Changed:
		return http.StatusPreconditionFailed
	case scout.Unauthorized:
		return http.StatusUnauthorized
	case scout.Forbidden:
		return http.StatusForbidden
	case scout.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// restate gives the errors that huma makes by itself, about parameters, the
// form of all others. It is a transformer because huma's other way to do so is
// a global variable.
func restate(_ huma.Context, _ string, body any) (any, error) {
	m, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	code := scout.Invalid
	if m.Status >= http.StatusInternalServerError {
		code = scout.Internal
	}
	p := newProblem(m.Status, code, m.Detail)
	for _, d := range m.Errors {
		_, field, _ := strings.Cut(d.Location, ".")
		field, _, _ = strings.Cut(field, "[") // of a list, the parameter and not its element
		f := FieldProblem{Field: field, Message: remedy(d.Message)}
		if v, ok := d.Value.(string); ok {
			f.Value = scout.Shorten(v, 80)
		}
		p.Errors = append(p.Errors, f)
	}
	if len(p.Errors) > 0 {
		p.Detail = summary(p.Errors)
	}
	return p, nil
}

// remedy says what would be right where huma only says what is wrong.
func remedy(message string) string {
	switch {
	case message == "invalid integer":
		return "must be a whole number"
	case message == "invalid boolean":
		return "must be true or false"
	case message == "unknown query parameter":
		return "is not a parameter of this operation"
	case strings.HasPrefix(message, "invalid date/time"):
		return "must be a time such as 2026-01-15T10:30:00Z"
	default:
		return message
	}
}

// writeProblem answers with a problem outside of huma's handlers.
func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // nobody is left to tell if it fails
}
