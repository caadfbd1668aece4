package client

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Account is an account as the API shows it.
type Account struct {
	ID                int64     `json:"id"`
	Name              string    `json:"name"`
	Role              string    `json:"role"`
	CreatedAt         time.Time `json:"created_at"`
	PasswordChangedAt time.Time `json:"password_changed_at"`
}

// Accounts lists accounts, oldest first; limit 0 lists all.
func (c *Client) Accounts(ctx context.Context, limit int) (List[Account], error) {
	return list[Account](ctx, c, "/accounts", nil, limit)
}

// Account returns one account.
func (c *Client) Account(ctx context.Context, id int64) (Answer[Account], error) {
	return one[Account](ctx, c, call{method: http.MethodGet, path: at("accounts", id, "")})
}

// CreateAccount makes an account from its keys, password among them.
func (c *Client) CreateAccount(ctx context.Context, keys map[string]any) (Answer[Account], error) {
	return one[Account](ctx, c, call{method: http.MethodPost, path: "/accounts", body: keys})
}

// ChangeAccount applies a merge patch, if the account still has the ETag; ""
// stands for any.
func (c *Client) ChangeAccount(ctx context.Context, id int64, match string, patch map[string]any) (Answer[Account], error) {
	return one[Account](ctx, c, call{method: http.MethodPatch, path: at("accounts", id, ""), body: patch, match: match})
}

// DeleteAccount deletes an account and ends its sessions.
func (c *Client) DeleteAccount(ctx context.Context, id int64) error {
	return c.remove(ctx, at("accounts", id, ""))
}

// Session is one browser in which an account is signed in.
type Session struct {
	ID        int64     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	Address   string    `json:"address"`
	Agent     string    `json:"agent"`
}

// Sessions lists where an account is signed in, oldest first; limit 0 lists
// all.
func (c *Client) Sessions(ctx context.Context, accountID int64, limit int) (List[Session], error) {
	return list[Session](ctx, c, at("accounts", accountID, "sessions"), nil, limit)
}

// EndSession signs an account out in one browser.
func (c *Client) EndSession(ctx context.Context, accountID, id int64) error {
	return c.remove(ctx, at("accounts", accountID, "sessions/"+strconv.FormatInt(id, 10)))
}

// EndSessions signs an account out everywhere.
func (c *Client) EndSessions(ctx context.Context, accountID int64) error {
	return c.remove(ctx, at("accounts", accountID, "sessions"))
}
