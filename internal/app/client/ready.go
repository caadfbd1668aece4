package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"serverscout/internal/scout"
)

// longestReason is how many bytes of a reason for not being ready are read.
const longestReason = 1 << 10

// Ready asks the server at base, on this machine, whether it can do its work;
// nil is yes. Any other answer, or none until ctx ends, is Unavailable. The
// server's certificate is not verified: it is for the name that others know
// the server by, nothing secret is sent, and one that has expired is no reason
// to start the server anew.
func Ready(ctx context.Context, base string) error {
	way := transport(&tls.Config{InsecureSkipVerify: true})
	way.Proxy = nil // it is this machine
	defer way.CloseIdleConnections()
	c := http.Client{Transport: way, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/readyz", nil)
	if err != nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return scout.Errorf(scout.Invalid, "%q is not the URL of a server: write one such as http://127.0.0.1:8080", base)
	}
	resp, err := c.Do(req)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return scout.Errorf(scout.Unavailable, "the server at %s has not answered in time", base)
	case err != nil:
		return &scout.Error{Code: scout.Unavailable, Message: fmt.Sprintf("the server at %s does not answer", base), Err: err}
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	reason, err := io.ReadAll(io.LimitReader(resp.Body, longestReason))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return scout.Errorf(scout.Unavailable, "the server at %s is not ready: %s: %s", base, resp.Status, strings.TrimSpace(string(reason)))
}
