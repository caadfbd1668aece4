package api

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"serverscout/internal/scout"
)

// authenticate lets a request through whose token reaches far enough: viewers
// read, editors and admins also change and operate. Every request is looked up
// anew, so that a token ends the moment it is removed.
func (a *api) authenticate(ctx huma.Context, next func(huma.Context)) {
	if p := a.refuse(ctx); p != nil {
		_, w := humago.Unwrap(ctx)
		writeProblem(w, p)
		return
	}
	next(ctx)
}

// refuse says why a request may not go on, or returns nil.
func (a *api) refuse(ctx huma.Context) *Problem {
	plain, ok := bearer(ctx.Header("Authorization"))
	if !ok {
		return newProblem(http.StatusUnauthorized, scout.Unauthorized,
			"a token is needed: send Authorization: Bearer and a token made with scout token create")
	}
	token, ok, err := a.store.TokenFor(ctx.Context(), scout.NewSecret(plain))
	switch {
	case err != nil:
		return a.problem(ctx.Context(), ctx.Operation().OperationID, err)
	case !ok:
		return newProblem(http.StatusUnauthorized, scout.Unauthorized, "this token is not known: make one with scout token create")
	case !token.Role.Includes(roleFor(ctx.Operation())):
		return newProblem(http.StatusForbidden, scout.Forbidden,
			"this token is a "+string(token.Role)+"'s and may only read: use one whose role is editor or admin")
	}
	return nil
}

// bearer returns the token of an Authorization header.
func bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// roleFor is the least role an operation asks for.
func roleFor(op *huma.Operation) scout.Role {
	if op.Method == http.MethodGet {
		return scout.Viewer
	}
	return scout.Editor
}
