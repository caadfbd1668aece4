package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// resultView is one observation of a check.
type resultView struct {
	CheckID   int64       `json:"check_id"`
	At        time.Time   `json:"at"`
	Level     scout.Level `json:"level" enum:"up,warning,down"`
	LatencyMS float64     `json:"latency_ms" doc:"0 where it has no meaning."`
	Message   string      `json:"message"`
	IP        string      `json:"ip,omitempty" doc:"The address that was reached or tried."`
}

func viewResult(r scout.Result) resultView {
	return resultView{
		CheckID:   r.CheckID,
		At:        instant(r.At),
		Level:     r.Level,
		LatencyMS: milliseconds(r.Latency),
		Message:   r.Message,
		IP:        r.IP,
	}
}

func (a *api) registerWatching() {
	serve(a, huma.Operation{
		OperationID: "list_results", Method: http.MethodGet, Path: "/checks/{id}/results",
		Summary: "List a check's raw results, newest first",
	}, a.listResults)
	serve(a, huma.Operation{
		OperationID: "pause_check", Method: http.MethodPost, Path: "/checks/{id}/pause",
		Summary:     "Stop watching a check",
		Description: "An open incident of its ends. What the file declares can be paused as well.",
	}, a.pauseCheck)
	serve(a, huma.Operation{
		OperationID: "resume_check", Method: http.MethodPost, Path: "/checks/{id}/resume",
		Summary: "Watch a paused check again",
	}, a.resumeCheck)
	serve(a, huma.Operation{
		OperationID: "probe_check", Method: http.MethodPost, Path: "/checks/{id}/probe",
		Summary:     "Probe a check now",
		Description: "The result counts like that of any other probe.",
	}, a.probeCheck)
}

type resultsRequest struct {
	ID int64 `path:"id"`
	Paging
}

func (a *api) listResults(ctx context.Context, in *resultsRequest) (*answer[page[resultView]], error) {
	last, err := in.number("results")
	if err != nil {
		return nil, err
	}
	var before time.Time
	if last != 0 {
		before = time.UnixMicro(last)
	}
	if _, err := a.store.Check(ctx, in.ID); err != nil {
		return nil, err
	}
	found, err := a.store.Results(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	key := func(r scout.Result) string { return strconv.FormatInt(r.At.UnixMicro(), 10) }
	return paged("results", in.Limit, found, key, viewResult), nil
}

func (a *api) pauseCheck(ctx context.Context, in *byID) (*revised[checkView], error) {
	c, err := a.manager.PauseCheck(ctx, in.ID)
	return a.answerCheck(ctx, c, err)
}

func (a *api) resumeCheck(ctx context.Context, in *byID) (*revised[checkView], error) {
	c, err := a.manager.ResumeCheck(ctx, in.ID)
	return a.answerCheck(ctx, c, err)
}

func (a *api) probeCheck(ctx context.Context, in *byID) (*answer[resultView], error) {
	if _, err := a.store.Check(ctx, in.ID); err != nil {
		return nil, err
	}
	r, err := a.engine.ProbeNow(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[resultView]{viewResult(r)}, nil
}
