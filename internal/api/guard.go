package api

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// guard is around everything: headers that all answers have, a line in the
// debug log, and an answer also where a handler panics.
func (a *api) guard(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		seen := &observed{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				a.recovered(seen, r, p)
			}
			// The pattern stands for the path, which may hold a heartbeat's token.
			a.log.Debug("request", "method", r.Method, "pattern", r.Pattern, "status", seen.status, "duration", time.Since(begun))
		}()
		route(mux, seen, r)
	})
}

// recovered answers in the stead of a handler that panicked. An answer already
// begun cannot be taken back: it is broken off, so that nobody takes it for
// complete.
func (a *api) recovered(w *observed, r *http.Request, reason any) {
	if reason == http.ErrAbortHandler {
		panic(reason)
	}
	a.log.Error("request failed", "method", r.Method, "pattern", r.Pattern, "panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	writeProblem(w, newProblem(http.StatusInternalServerError, scout.Internal, "something went wrong inside Server Scout: its log says what"))
}

// route answers by the handler for the request. Where the API has none, the
// mux's own words become a problem.
func route(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	_, pattern := mux.Handler(r)
	if pattern != "" || !strings.HasPrefix(r.URL.Path, "/api/") {
		mux.ServeHTTP(w, r)
		return
	}
	refusal := &silent{header: http.Header{}}
	mux.ServeHTTP(refusal, r)
	if refusal.status == http.StatusMethodNotAllowed {
		allow := refusal.header.Get("Allow")
		w.Header().Set("Allow", allow)
		writeProblem(w, newProblem(refusal.status, scout.Invalid, "the method "+scout.Shorten(r.Method, 20)+" is not for this address: use "+allow))
		return
	}
	writeProblem(w, newProblem(http.StatusNotFound, scout.NotFound, "nothing is served at this address: "+prefix+"/openapi.json lists what is"))
}

// observed remembers the status of an answer; 0 while there is none.
type observed struct {
	http.ResponseWriter
	status int
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(b []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	return o.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController the writer beneath.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// silent keeps the head of an answer and drops its body.
type silent struct {
	header http.Header
	status int
}

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) WriteHeader(status int)      { s.status = status }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
