// Package client speaks to a running server's API, for the command line.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
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

// New makes a client of the server at base, such as http://127.0.0.1:8080.
func New(base string, token scout.Secret) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), token: token, http: &http.Client{Timeout: time.Minute}}
}

// Delivery is a delivery as the API shows it.
type Delivery struct {
	ID         int64     `json:"id"`
	IncidentID string    `json:"incident_id"`
	Webhook    string    `json:"webhook"`
	Server     string    `json:"server"`
	Service    string    `json:"service"`
	Tells      string    `json:"tells"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason"`
	Attempts   int       `json:"attempts"`
	CreatedAt  time.Time `json:"created_at"`
}

// DeliveryFilter narrows a list. Zero fields do not; Limit 0 is 50.
type DeliveryFilter struct {
	Webhook int64
	Status  string
	Limit   int
}

// pageSize is what the API gives at most in one answer.
const pageSize = 500

// Deliveries lists deliveries, newest first.
func (c *Client) Deliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error) {
	query := url.Values{}
	if f.Webhook != 0 {
		query.Set("webhook_id", strconv.FormatInt(f.Webhook, 10))
	}
	if f.Status != "" {
		query.Set("status", f.Status)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	list := []Delivery{}
	for len(list) < f.Limit {
		query.Set("limit", strconv.Itoa(min(f.Limit-len(list), pageSize)))
		var page struct {
			Items []Delivery `json:"items"`
			Next  string     `json:"next"`
		}
		if err := c.get(ctx, "/api/v1/deliveries?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		list = append(list, page.Items...)
		if page.Next == "" {
			break
		}
		query.Set("cursor", page.Next)
	}
	return list, nil
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("the server's URL cannot be used: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w; is it running, and is --url right?", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return problem(resp.Status, body)
	}
	return json.Unmarshal(body, into)
}

// problem is the error that an answer of the API describes.
func problem(status string, body []byte) error {
	var p struct {
		Detail string `json:"detail"`
		Errors []struct {
			Field   string `json:"field"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &p) != nil || p.Detail == "" && len(p.Errors) == 0 {
		return fmt.Errorf("the server answered %s", status)
	}
	text := []string{}
	if p.Detail != "" {
		text = append(text, p.Detail)
	}
	for _, e := range p.Errors {
		text = append(text, e.Field+" "+e.Message)
	}
	return errors.New(strings.Join(text, "; "))
}
