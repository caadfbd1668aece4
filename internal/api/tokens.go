package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// tokenView is an API token as answers show it.
type tokenView struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Role      scout.Role `json:"role" enum:"viewer,editor,admin"`
	CreatedAt time.Time  `json:"created_at"`
	Token     string     `json:"token,omitempty" doc:"What to send after Authorization: Bearer. Only in the answer that makes it; it is not kept."`
}

func viewToken(t scout.Token) tokenView {
	return tokenView{ID: t.ID, Name: t.Name, Role: t.Role, CreatedAt: instant(t.CreatedAt)}
}

// newToken and tokenChange are a token's keys, as manage reads them.
type (
	newToken    map[string]any
	tokenChange map[string]any
)

// Schema describes the keys of a new token, for huma.
func (newToken) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewToken", objectSchema(manage.TokenFields(), toCreate))
}

// Schema describes a merge patch of a token, for huma.
func (tokenChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "TokenChange", objectSchema(manage.TokenFields(), toChange))
}

// tokensTag is the tag of the operations that take an admin's token.
const tokensTag = "tokens"

func (a *api) registerTokens() {
	const last = "This holds for the token in use and the last admin's too: scout token create, on the machine that Server Scout runs on, always makes another."
	serve(a, huma.Operation{
		OperationID: "list_tokens", Method: http.MethodGet, Path: "/tokens",
		Summary: "List API tokens, oldest first",
	}, a.listTokens)
	serve(a, huma.Operation{
		OperationID: "create_token", Method: http.MethodPost, Path: "/tokens", DefaultStatus: http.StatusCreated,
		Summary:     "Create an API token",
		Description: "This answer alone shows the token's text.",
	}, a.createToken)
	serve(a, huma.Operation{
		OperationID: "get_token", Method: http.MethodGet, Path: "/tokens/{id}",
		Summary: "Get an API token",
	}, a.getToken)
	serve(a, huma.Operation{
		OperationID: "change_token", Method: http.MethodPatch, Path: "/tokens/{id}",
		Summary:     "Change an API token's name or role",
		Description: "The body is a JSON merge patch. Its text stays what it is. " + last,
	}, a.changeToken)
	serve(a, huma.Operation{
		OperationID: "delete_token", Method: http.MethodDelete, Path: "/tokens/{id}",
		Summary:     "Delete an API token",
		Description: "It is good for nothing from then on. " + last,
	}, a.deleteToken)
}

func (a *api) listTokens(ctx context.Context, in *struct{ Paging }) (*answer[page[tokenView]], error) {
	after, err := in.number("tokens")
	if err != nil {
		return nil, err
	}
	found, err := a.store.ListTokens(ctx, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("tokens", in.Limit, found, func(t scout.Token) string { return digits(t.ID) }, viewToken), nil
}

type createTokenRequest struct {
	Idempotent
	Body newToken
}

// createdToken is the response to making a token, which has no ETag.
type createdToken struct {
	Location string `header:"Location" doc:"Where it is."`
	Body     tokenView
}

func (a *api) createToken(ctx context.Context, in *createTokenRequest) (*createdToken, error) {
	t, text, err := a.newToken(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	v := viewToken(t)
	v.Token = text
	return &createdToken{Location: location("tokens", t.ID), Body: v}, nil
}

func (a *api) getToken(ctx context.Context, in *byID) (*answer[tokenView], error) {
	t, err := a.store.Token(ctx, in.ID)
	return answerToken(t, err)
}

type changeTokenRequest struct {
	ID   int64 `path:"id"`
	Body tokenChange
}

func (a *api) changeToken(ctx context.Context, in *changeTokenRequest) (*answer[tokenView], error) {
	t, err := a.manager.ChangeToken(ctx, in.ID, in.Body)
	return answerToken(t, err)
}

func (a *api) deleteToken(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.manager.DeleteToken(ctx, in.ID)
}

// answerToken answers with a token, unless it could not be had.
func answerToken(t scout.Token, err error) (*answer[tokenView], error) {
	if err != nil {
		return nil, err
	}
	return &answer[tokenView]{viewToken(t)}, nil
}
