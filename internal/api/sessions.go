package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// AccountReader reads accounts and where they are signed in.
type AccountReader interface {
	ListAccounts(ctx context.Context, after int64, limit int) ([]scout.Account, error)
	Account(ctx context.Context, id int64) (scout.Account, error)
	ListSessions(ctx context.Context, accountID, after int64, limit int) ([]scout.Session, error)
}

// sessionView is a session as answers show it.
type sessionView struct {
	ID        int64     `json:"id"`
	AccountID int64     `json:"account_id"`
	CreatedAt time.Time `json:"created_at" doc:"When somebody signed in."`
	SeenAt    time.Time `json:"seen_at" doc:"The latest request; up to a minute behind."`
	Address   string    `json:"address" doc:"From where it was begun."`
	Agent     string    `json:"agent" doc:"The browser, as it calls itself."`
}

func viewSession(s scout.Session) sessionView {
	return sessionView{
		ID:        s.ID,
		AccountID: s.AccountID,
		CreatedAt: instant(s.CreatedAt),
		SeenAt:    instant(s.SeenAt),
		Address:   s.Address,
		Agent:     s.Agent,
	}
}

func (a *api) registerSessions() {
	serve(a, huma.Operation{
		OperationID: "list_sessions", Method: http.MethodGet, Path: "/accounts/{id}/sessions",
		Summary: "List where an account is signed in, oldest first",
	}, a.listSessions)
	serve(a, huma.Operation{
		OperationID: "end_sessions", Method: http.MethodDelete, Path: "/accounts/{id}/sessions",
		Summary: "Sign an account out everywhere",
	}, a.endSessions)
	serve(a, huma.Operation{
		OperationID: "end_session", Method: http.MethodDelete, Path: "/accounts/{id}/sessions/{session_id}",
		Summary: "Sign an account out in one browser",
	}, a.endSession)
}

type sessionsRequest struct {
	ID int64 `path:"id" doc:"The account's id."`
	Paging
}

func (a *api) listSessions(ctx context.Context, in *sessionsRequest) (*answer[page[sessionView]], error) {
	after, err := in.number("sessions")
	if err != nil {
		return nil, err
	}
	if _, err := a.store.Account(ctx, in.ID); err != nil {
		return nil, err
	}
	found, err := a.store.ListSessions(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("sessions", in.Limit, found, func(s scout.Session) string { return digits(s.ID) }, viewSession), nil
}

func (a *api) endSessions(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.manager.EndSessions(ctx, in.ID, 0)
}

type endSessionRequest struct {
	ID        int64 `path:"id" doc:"The account's id."`
	SessionID int64 `path:"session_id" doc:"The session's id."`
}

func (a *api) endSession(ctx context.Context, in *endSessionRequest) (*nothing, error) {
	return nil, a.manager.EndSession(ctx, in.ID, in.SessionID)
}
