package fake

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxBody is how much of a request a fake reads; a longer body is refused.
const maxBody = 1 << 20

// Request is one request as it came in.
type Request struct {
	At        time.Time // when its body was complete
	Method    string
	Path      string // with the query
	Header    http.Header
	Body      []byte     // raw
	Rejection *Rejection // why the service refuses it; nil when it is right
}

// Rejection is the refusal of a request that is not right.
type Rejection struct {
	Status int
	Word   string // the answer's body
	Why    string // what exactly is wrong, for the reader of a failed test
}

// Error joins all three.
func (r *Rejection) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Word, r.Why) }

// Recorder keeps the requests of a fake and the answers it was told to give.
// The zero value is ready to use.
type Recorder struct {
	mu       sync.Mutex
	requests []Request
	script   []Answer
	arrived  chan struct{} // closed at the next arrival; nil while nobody waits
}

// Script queues answers: each of the next requests gets one of them. A nil
// answer stands for the fake's own judgement, which also answers everything
// after the script.
func (r *Recorder) Script(answers ...Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.script = append(r.script, answers...)
}

// Requests returns all requests so far, oldest first, also those that were
// refused, never answered or answered by the script.
func (r *Recorder) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Wait returns the requests as soon as there are at least n. It fails when the
// context ends first.
func (r *Recorder) Wait(ctx context.Context, n int) ([]Request, error) {
	for {
		requests, arrived := r.look()
		if len(requests) >= n {
			return requests, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return requests, fmt.Errorf("%d of %d requests came: %w", len(requests), n, ctx.Err())
		}
	}
}

// look returns the requests, and a channel that is closed when one more comes.
func (r *Recorder) look() ([]Request, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrived == nil {
		r.arrived = make(chan struct{})
	}
	return slices.Clone(r.requests), r.arrived
}

// add records a request and takes its answer off the script.
func (r *Recorder) add(request Request) Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, request)
	if r.arrived != nil {
		close(r.arrived)
		r.arrived = nil
	}
	if len(r.script) == 0 {
		return nil
	}
	answer := r.script[0]
	r.script = r.script[1:]
	return answer
}

// serve judges a request, records it and answers: as the script says, with the
// rejection, or with accepted.
func (r *Recorder) serve(w http.ResponseWriter, req *http.Request, judge func(Request) *Rejection, accepted Answer) {
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the sender went away in the middle: there is no request
	}
	got := Request{
		At:     time.Now(),
		Method: req.Method,
		Path:   req.URL.RequestURI(),
		Header: req.Header.Clone(),
		Body:   body,
	}
	got.Rejection = judgeHTTP(got)
	if got.Rejection == nil {
		got.Rejection = judge(got)
	}
	answer := r.add(got)
	switch {
	case answer != nil:
	case got.Rejection != nil:
		answer = Reply(got.Rejection.Status, got.Rejection.Word)
	default:
		answer = accepted
	}
	answer(w, req)
}

// judgeHTTP applies what all targets ask of a request.
func judgeHTTP(r Request) *Rejection {
	if r.Method != http.MethodPost {
		return &Rejection{http.StatusMethodNotAllowed, "method_not_allowed", "only POST is accepted, not " + r.Method}
	}
	kind, _, err := mime.ParseMediaType(strings.Join(r.Header.Values("Content-Type"), ", "))
	if err != nil || kind != "application/json" {
		return &Rejection{http.StatusUnsupportedMediaType, "unsupported_media_type", "the content type must be application/json, once"}
	}
	if len(r.Body) > maxBody {
		return &Rejection{http.StatusRequestEntityTooLarge, "too_large", "the body is longer than 1 MiB"}
	}
	return nil
}
