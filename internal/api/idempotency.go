package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"serverscout/internal/scout"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

// Idempotent is the part of a request that makes something once however often
// it is sent. It is exported only because huma does not look into unexported
// embedded types.
type Idempotent struct {
	Key string `header:"Idempotency-Key" maxLength:"255" pattern:"^[ -~]*$" patternDescription:"printable ASCII" doc:"A text of the client's own. For 24 hours the same request with the same key and token is answered as it was the first time, with the header Idempotency-Replayed: true, and does nothing more. An answer of 500 or above is not kept."`
}

// onlyOnce answers a request with an Idempotency-Key by the answer that it got
// before, or keeps the one that it gets now. It comes after what finds the
// token and reads the body.
func (a *api) onlyOnce(ctx huma.Context, next func(huma.Context)) {
	key := ctx.Header(keyHeader)
	if !takesKey(ctx.Operation()) || !goodKey(key) { // huma says what is wrong with a bad one
		next(ctx)
		return
	}
	_, w := humago.Unwrap(ctx)
	request, err := fingerprint(ctx)
	if err != nil {
		writeProblem(w, a.problem(ctx.Context(), ctx.Operation().OperationID, err))
		return
	}
	token := tokenOf(ctx.Context()).ID
	kept, claimed, err := a.store.ClaimKey(ctx.Context(), token, key, request)
	if err != nil {
		if scout.CodeOf(err) == scout.Conflict {
			w.Header().Set("Retry-After", "1")
		}
		writeProblem(w, a.problem(ctx.Context(), ctx.Operation().OperationID, err))
		return
	}
	if claimed {
		a.draft(ctx, token, key, next).send(w)
		return
	}
	var again draft
	if err := json.Unmarshal(kept, &again); err != nil {
		writeProblem(w, a.problem(ctx.Context(), ctx.Operation().OperationID, err))
		return
	}
	w.Header().Set(replayedHeader, "true")
	again.send(w)
}

// takesKey reports whether an operation documents the header.
func takesKey(op *huma.Operation) bool {
	return slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == keyHeader })
}

// goodKey reports whether a key is as Idempotent says.
func goodKey(key string) bool {
	return key != "" && len(key) <= 255 && !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
}

// fingerprint tells requests apart. The body can be read again after it.
func fingerprint(ctx huma.Context) ([]byte, error) {
	r, _ := humago.Unwrap(ctx)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	head := r.Method + " " + r.URL.RequestURI() + "\n"
	sum := sha256.Sum256(append([]byte(head), body...))
	return sum[:], nil
}

// draft has a request answered for a claimed key and ends the claim before
// anything is sent, also where the handler panics.
func (a *api) draft(ctx huma.Context, token int64, key string, next func(huma.Context)) *draft {
	answer := &draft{Head: http.Header{}}
	// Whoever gave the request up may send it again: what was done stays done.
	defer a.endClaim(context.WithoutCancel(ctx.Context()), token, key, answer)
	r, _ := humago.Unwrap(ctx)
	next(humago.NewContext(ctx.Operation(), r.WithContext(ctx.Context()), answer))
	return answer
}

// endClaim keeps an answer, or gives the key back if there is none worth it. A
// claim that cannot be ended stands until the process ends, which is safe: the
// request is not carried out a second time.
func (a *api) endClaim(ctx context.Context, token int64, key string, answer *draft) {
	var err error
	if answer.Status == 0 || answer.Status >= http.StatusInternalServerError {
		err = a.store.ReleaseKey(ctx, token, key)
	} else if kept, broken := json.Marshal(answer); broken == nil {
		err = a.store.KeepAnswer(ctx, token, key, answer.Status, kept)
	} else {
		err = broken
	}
	if err != nil {
		a.log.Error("the answer to a request with an Idempotency-Key was not kept", "error", err)
	}
}

// draft is an answer that is not sent yet.
type draft struct {
	Status int // 0 while there is none
	Head   http.Header
	Body   []byte
}

// Header is as in http.ResponseWriter.
func (d *draft) Header() http.Header { return d.Head }

// WriteHeader is as in http.ResponseWriter.
func (d *draft) WriteHeader(status int) {
	if d.Status == 0 {
		d.Status = status
	}
}

// Write is as in http.ResponseWriter. It does not fail.
func (d *draft) Write(b []byte) (int, error) {
	d.WriteHeader(http.StatusOK)
	d.Body = append(d.Body, b...)
	return len(b), nil
}

// send sends the answer.
func (d *draft) send(w http.ResponseWriter) {
	for name, values := range d.Head {
		w.Header()[name] = values
	}
	w.WriteHeader(d.Status)
	_, _ = w.Write(d.Body) // nobody is left to tell if it fails
}
