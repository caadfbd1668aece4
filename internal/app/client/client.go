// Package client speaks to a running server's API, for the command line. It
// has a method for each operation that the command line uses; a test holds
// them against the API's own document.
//
// Errors that the server answers with are *scout.Error with the code, the
// sentence and the faulty fields it gave. An answer of Unauthorized or
// Forbidden is about the token. A server that does not answer is Unavailable.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// Client is safe for concurrent use.
type Client struct {
	base  string
	token scout.Secret
	http  *http.Client
}

// timeout is how long one answer may take: a test of a webhook has 10 s of its
// own, and a probe as long as its check says.
const timeout = time.Minute

// New makes a client of the server at base, such as http://127.0.0.1:8080.
func New(base string, token scout.Secret) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), token: token, http: &http.Client{Timeout: timeout}}
}

// Base returns where the server is, without a slash at its end.
func (c *Client) Base() string { return c.base }

// Answer is one object as the API gave it.
type Answer[T any] struct {
	Value T               // what the client reads of it
	JSON  json.RawMessage // all of it, as it came
	ETag  string          // names its revision; "" where there is none
}

// UnmarshalJSON keeps the text beside what is read of it.
func (a *Answer[T]) UnmarshalJSON(b []byte) error {
	a.JSON = bytes.Clone(b)
	return json.Unmarshal(b, &a.Value)
}

// call is one request of an operation.
type call struct {
	method, path string // the path below /api/v1
	query        url.Values
	body         any    // nil for none
	match        string // the ETag that the object must still have; "" for any
}

// longestAnswer is how many bytes of an answer are read.
const longestAnswer = 64 << 20

// ask makes a request and returns the body and the header of a good answer.
func (c *Client) ask(ctx context.Context, r call) ([]byte, http.Header, error) {
	req, err := c.request(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, silence(c.base, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, nil, problem(resp.StatusCode, body)
	}
	return body, resp.Header, nil
}

// request writes a call down.
func (c *Client) request(ctx context.Context, r call) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("writing the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	address := c.base + "/api/v1" + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, scout.Errorf(scout.Invalid, "%q is not the URL of a server: write one such as http://127.0.0.1:8080", c.base)
	}
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.match != "" {
		req.Header.Set("If-Match", r.match)
	}
	return req, nil
}

// one makes a call that is answered with one object.
func one[T any](ctx context.Context, c *Client, r call) (Answer[T], error) {
	var a Answer[T]
	body, header, err := c.ask(ctx, r)
	if err != nil {
		return a, err
	}
	a.ETag = header.Get("ETag")
	return a, c.decode(body, &a)
}

// remove makes a call that deletes the object at a path.
func (c *Client) remove(ctx context.Context, path string) error {
	_, _, err := c.ask(ctx, call{method: http.MethodDelete, path: path})
	return err
}

func (c *Client) decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("what answers at %s does not speak as Server Scout does (is --url right?): %w", c.base, err)
	}
	return nil
}

// problem is the error that an answer of the API describes.
func problem(status int, body []byte) error {
	var p struct {
		Detail string     `json:"detail"`
		Code   scout.Code `json:"code"`
		Errors []struct {
			Field   string `json:"field"`
			Value   string `json:"value"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &p) != nil || p.Code == "" {
		return fmt.Errorf("the server answered %d %s; is --url that of a Server Scout?", status, http.StatusText(status))
	}
	e := &scout.Error{Code: p.Code, Message: p.Detail}
	for _, f := range p.Errors {
		e.Fields = append(e.Fields, scout.FieldError{Field: f.Field, Value: f.Value, Message: f.Message})
	}
	return e
}
