package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"serverscout/internal/scout"
)

// receiver is an HTTP endpoint that counts what it gets. It answers as the
// target whose path is asked for would.
type receiver struct {
	server *http.Server
	url    string
	hang   atomic.Bool
	got    atomic.Int64
	onBody func(at time.Time, body []byte) // at: when the handler began, just after the first byte
}

func newReceiver(onBody func(time.Time, []byte)) (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + l.Addr().String(), onBody: onBody}
	r.server = &http.Server{Handler: r}
	go func() { _ = r.server.Serve(l) }() // ends with Close
	return r, nil
}

const (
	slackPath     = "/services/T0/B0/bench"
	pagerDutyPath = "/v2/enqueue"
)

// webhook is the i-th of those that tell a receiver: every three in a row are
// one native, one of Slack's and one of PagerDuty's.
func (r *receiver) webhook(i int) scout.Webhook {
	w := scout.Webhook{Name: fmt.Sprintf("receiver %03d at %s", i, r.url)}
	switch i % 3 {
	case 0:
		w.Format, w.URL = "native", scout.NewSecret(r.url+"/hook")
	case 1:
		w.Format, w.URL = "slack", scout.NewSecret(r.url+slackPath)
	case 2:
		w.Format, w.URL = "pagerduty", scout.NewSecret(r.url+pagerDutyPath)
		w.Settings = scout.Settings{"routing_key": strings.Repeat("k", 32)}
	}
	return w
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	at := time.Now()
	if r.hang.Load() {
		<-req.Context().Done()
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	if r.onBody != nil {
		r.onBody(at, body)
	}
	r.got.Add(1)
	switch req.URL.Path {
	case slackPath:
		_, _ = io.WriteString(w, "ok") // the sender notices by itself
	case pagerDutyPath:
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"status":"success","message":"Event processed"}`)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
