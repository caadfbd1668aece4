package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// accountView is an account as answers show it: nothing of its password but
// when it was chosen.
type accountView struct {
	ID                int64      `json:"id"`
	Name              string     `json:"name"`
	Role              scout.Role `json:"role" enum:"viewer,editor,admin"`
	Revision          int64      `json:"revision" doc:"Counts its changes; in quotes, its ETag."`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
	PasswordChangedAt time.Time  `json:"password_changed_at"`
}

func viewAccount(a scout.Account) accountView {
	return accountView{
		ID:                a.ID,
		Name:              a.Name,
		Role:              a.Role,
		Revision:          a.Revision,
		CreatedAt:         instant(a.CreatedAt),
		UpdatedAt:         instant(a.UpdatedAt),
		PasswordChangedAt: instant(a.PasswordChangedAt),
	}
}

// newAccount and accountChange are an account's keys, as manage reads them.
type (
	newAccount    map[string]any
	accountChange map[string]any
)

// Schema describes the keys of a new account, for huma.
func (newAccount) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewAccount", objectSchema(manage.AccountFields(), toCreate))
}

// Schema describes a merge patch of an account, for huma.
func (accountChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "AccountChange", objectSchema(manage.AccountFields(), toChange))
}

// accountsTag is the tag of the operations on accounts, which take an admin's
// token.
const accountsTag = "accounts"

func (a *api) registerAccounts() {
	serve(a, huma.Operation{
		OperationID: "list_accounts", Method: http.MethodGet, Path: "/accounts",
		Summary: "List accounts, oldest first",
	}, a.listAccounts)
	serve(a, huma.Operation{
		OperationID: "create_account", Method: http.MethodPost, Path: "/accounts", DefaultStatus: http.StatusCreated,
		Summary:     "Create an account, to sign in with",
		Description: "Sent again, it is a conflict, as the name is taken.",
	}, a.createAccount)
	serve(a, huma.Operation{
		OperationID: "get_account", Method: http.MethodGet, Path: "/accounts/{id}",
		Summary: "Get an account",
	}, a.getAccount)
	serve(a, huma.Operation{
		OperationID: "change_account", Method: http.MethodPatch, Path: "/accounts/{id}",
		Summary:     "Change an account's name, role or password",
		Description: "The body is a JSON merge patch. A new password ends the account's sessions. The last admin stays one.",
	}, a.changeAccount)
	serve(a, huma.Operation{
		OperationID: "delete_account", Method: http.MethodDelete, Path: "/accounts/{id}",
		Summary:     "Delete an account",
		Description: "Its sessions end. The last admin's account stays.",
	}, a.deleteAccount)
	a.registerSessions()
}

func (a *api) listAccounts(ctx context.Context, in *struct{ Paging }) (*answer[page[accountView]], error) {
	after, err := in.number("accounts")
	if err != nil {
		return nil, err
	}
	found, err := a.store.ListAccounts(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("accounts", in.Limit, found, func(v scout.Account) string { return digits(v.ID) }, viewAccount), nil
}

// createAccountRequest takes no Idempotency-Key: what is kept with a key is a
// quick hash of the body, which would make the password in it easy to guess.
type createAccountRequest struct {
	Body newAccount
}

func (a *api) createAccount(ctx context.Context, in *createAccountRequest) (*created[accountView], error) {
	v, err := a.manager.CreateAccount(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &created[accountView]{Location: location("accounts", v.ID), ETag: etag(v.Revision), Body: viewAccount(v)}, nil
}

func (a *api) getAccount(ctx context.Context, in *byID) (*revised[accountView], error) {
	v, err := a.store.Account(ctx, in.ID)
	return answerAccount(v, err)
}

type changeAccountRequest struct {
	ID int64 `path:"id"`
	IfMatch
	Body accountChange
}

func (a *api) changeAccount(ctx context.Context, in *changeAccountRequest) (*revised[accountView], error) {
	match, err := in.revision(a.accountRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	v, err := a.manager.ChangeAccount(ctx, in.ID, match, in.Body)
	return answerAccount(v, err)
}

func (a *api) deleteAccount(ctx context.Context, in *byIDIfMatch) (*nothing, error) {
	match, err := in.revision(a.accountRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	return nil, a.manager.DeleteAccount(ctx, in.ID, match)
}

func (a *api) accountRevision(ctx context.Context, id int64) func() (int64, error) {
	return func() (int64, error) {
		v, err := a.store.Account(ctx, id)
		return v.Revision, err
	}
}

// answerAccount answers with an account, unless it could not be had.
func answerAccount(v scout.Account, err error) (*revised[accountView], error) {
	if err != nil {
		return nil, err
	}
	return &revised[accountView]{etag(v.Revision), viewAccount(v)}, nil
}
