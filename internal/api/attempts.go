package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// attemptView is an attempt as answers show it.
type attemptView struct {
	ID                int64         `json:"id,omitempty" doc:"Left out in the answer to a test."`
	Number            int           `json:"number" doc:"1 for the first of its delivery."`
	StartedAt         time.Time     `json:"started_at"`
	DurationMS        float64       `json:"duration_ms"`
	Outcome           scout.Outcome `json:"outcome" enum:"delivered,retry,gave_up,disabled,interrupted"`
	Fault             scout.Fault   `json:"fault,omitempty" doc:"A name for what went wrong."`
	Detail            string        `json:"detail,omitempty" doc:"The same in a sentence."`
	RetryAfterSeconds float64       `json:"retry_after_seconds,omitempty" doc:"The receiver's own wish."`
	StatusCode        int           `json:"status_code,omitempty" doc:"Left out when there was no answer."`
	Address           string        `json:"address,omitempty" doc:"The address really used."`
	Request           *exchangeView `json:"request,omitempty" doc:"What was sent, secrets masked."`
	Response          *exchangeView `json:"response,omitempty" doc:"What came back."`
}

func viewAttempt(a scout.Attempt) attemptView {
	return attemptView{
		ID:                a.ID,
		Number:            a.Number,
		StartedAt:         instant(a.StartedAt),
		DurationMS:        milliseconds(a.Duration),
		Outcome:           a.Verdict.Outcome,
		Fault:             a.Verdict.Fault,
		Detail:            a.Verdict.Detail,
		RetryAfterSeconds: a.Verdict.RetryAfter.Seconds(),
		StatusCode:        a.Status,
		Address:           a.Address,
		Request:           viewExchange(a.Request),
		Response:          viewExchange(a.Response),
	}
}

// exchangeView is one side of a recorded request.
type exchangeView struct {
	Line      string      `json:"line" example:"HTTP/1.1 200 OK"`
	Headers   headersView `json:"headers" doc:"Pairs of name and value, sorted by name."`
	Body      string      `json:"body" doc:"At most its first 4 KiB."`
	Truncated bool        `json:"truncated" doc:"Whether the body was longer."`
}

// viewExchange returns nil for what did not take place.
func viewExchange(e scout.Exchange) *exchangeView {
	if e.Line == "" {
		return nil
	}
	return &exchangeView{Line: e.Line, Headers: append(headersView{}, e.Header...), Body: e.Body, Truncated: e.Truncated}
}

// headersView is a list of pairs: a header can come more than once.
type headersView [][2]string

// Schema describes pairs of name and value, for huma.
func (headersView) Schema(huma.Registry) *huma.Schema {
	two := 2
	pair := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}, MinItems: &two, MaxItems: &two}
	return &huma.Schema{Type: huma.TypeArray, Items: pair}
}
