package client

import (
	"context"
	"net/http"
	"time"
)

// Token is an API token as the API shows it.
type Token struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	CreatedAt time.Time `json:"created_at"`
}

// NewToken is a token as it is shown to who makes it.
type NewToken struct {
	Token
	Text string `json:"token"` // a secret
}

// Tokens lists tokens, oldest first; limit 0 lists all.
func (c *Client) Tokens(ctx context.Context, limit int) (List[Token], error) {
	return list[Token](ctx, c, "/tokens", nil, limit)
}

// Token returns one token.
func (c *Client) Token(ctx context.Context, id int64) (Answer[Token], error) {
	return one[Token](ctx, c, call{method: http.MethodGet, path: at("tokens", id, "")})
}

// CreateToken makes a token from its keys.
func (c *Client) CreateToken(ctx context.Context, keys map[string]any) (Answer[NewToken], error) {
	return one[NewToken](ctx, c, call{method: http.MethodPost, path: "/tokens", body: keys})
}

// ChangeToken applies a merge patch to a token's name and role.
func (c *Client) ChangeToken(ctx context.Context, id int64, patch map[string]any) (Answer[Token], error) {
	return one[Token](ctx, c, call{method: http.MethodPatch, path: at("tokens", id, ""), body: patch})
}

// DeleteToken ends what a token is good for.
func (c *Client) DeleteToken(ctx context.Context, id int64) error {
	return c.remove(ctx, at("tokens", id, ""))
}

// Egress is which way webhook requests take.
type Egress struct {
	SourceAddresses []string `json:"source_addresses"`
	Proxy           string   `json:"proxy"` // masked; "" for none
	Limits          string   `json:"limits"`
}

// Egress returns where webhook requests come from.
func (c *Client) Egress(ctx context.Context) (Answer[Egress], error) {
	return one[Egress](ctx, c, call{method: http.MethodGet, path: "/egress"})
}
