package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"serverscout/internal/scout"
)

// authenticate lets a request through whose token reaches far enough: viewers
// read, editors also change and operate, admins also manage tokens and
// accounts. Every request is looked up anew, so that a token ends the moment it
// is removed.
func (a *api) authenticate(ctx huma.Context, next func(huma.Context)) {
	token, p := a.admit(ctx)
	if p != nil {
		_, w := humago.Unwrap(ctx)
		writeProblem(w, p)
		return
	}
	next(huma.WithValue(ctx, tokenKey{}, token))
}

// tokenKey is where a request's context holds its token.
type tokenKey struct{}

// tokenOf returns the token of a request that was let through.
func tokenOf(ctx context.Context) scout.Token {
	token, _ := ctx.Value(tokenKey{}).(scout.Token)
	return token
}

// admit returns a request's token, or says why the request may not go on.
func (a *api) admit(ctx huma.Context) (scout.Token, *Problem) {
	plain, ok := bearer(ctx.Header("Authorization"))
	if !ok {
		return scout.Token{}, newProblem(http.StatusUnauthorized, scout.Unauthorized,
			"a token is needed: send Authorization: Bearer and a token made with scout token create")
	}
	token, ok, err := a.store.TokenFor(ctx.Context(), scout.NewSecret(plain))
	switch {
	case err != nil:
		return token, a.problem(ctx.Context(), ctx.Operation().OperationID, err)
	case !ok:
		return token, newProblem(http.StatusUnauthorized, scout.Unauthorized, "this token is not known: make one with scout token create")
	case !token.Role.Includes(roleFor(ctx.Operation())):
		return token, newProblem(http.StatusForbidden, scout.Forbidden,
			"this token's role is "+string(token.Role)+", and this takes one whose role is "+string(roleFor(ctx.Operation()))+" or above")
	}
	return token, nil
}

// bearer returns the token of an Authorization header.
func bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// roleFor is the least role an operation asks for.
func roleFor(op *huma.Operation) scout.Role {
	switch {
	case slices.Contains(op.Tags, tokensTag), slices.Contains(op.Tags, accountsTag):
		return scout.Admin
	case op.Method == http.MethodGet:
		return scout.Viewer
	default:
		return scout.Editor
	}
}
