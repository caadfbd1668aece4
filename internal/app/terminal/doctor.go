package terminal

import (
	"context"
	"strings"
	"unicode/utf8"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
)

// DiagnoseWebhook has a stored webhook diagnosed and prints what each step came
// to. One whose messages do not get through is ErrNotWell.
func (s *Session) DiagnoseWebhook(ctx context.Context, ref string) error {
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	d, err := s.API.DiagnoseWebhook(ctx, v.Value.ID)
	return s.printDiagnosis(d, err)
}

// DiagnoseUnsavedWebhook does so with keys that are not stored.
func (s *Session) DiagnoseUnsavedWebhook(ctx context.Context, e Edits) error {
	keys, err := e.object(manage.AllWebhookFields())
	if err != nil {
		return err
	}
	d, err := s.API.DiagnoseUnsavedWebhook(ctx, keys)
	return s.printDiagnosis(d, err)
}

func (s *Session) printDiagnosis(d client.Answer[client.Diagnosis], err error) error {
	if err != nil {
		return err
	}
	if s.JSON {
		err = s.printJSON(d.JSON)
	} else {
		s.Screen.printFindings(d.Value.Findings)
	}
	if err == nil && !d.Value.Healthy {
		return ErrNotWell
	}
	return err
}

// printFindings prints each step of a diagnosis, and below it what to do. The
// sentences are not cut: a half of one helps nobody.
func (s *Screen) printFindings(findings []client.Finding) {
	titles, outcomes := 0, 0
	for _, f := range findings {
		titles, outcomes = max(titles, utf8.RuneCountInString(f.Title)), max(outcomes, len(f.Outcome))
	}
	for _, f := range findings {
		fill := strings.Repeat(" ", outcomes-len(f.Outcome))
		title := f.Title + strings.Repeat(" ", titles-utf8.RuneCountInString(f.Title))
		s.printf("%s %s%s%s%s%s%s", markOf(f.Outcome), s.word(f.Outcome), fill, gap, title, gap, line(f.Says))
		if f.TookMS > 0 {
			s.printf(" (%s)", milliseconds(f.TookMS))
		}
		s.printf("\n")
		if f.Remedy != "" {
			s.printf("  %s→ %s\n", strings.Repeat(" ", outcomes+titles+2*len(gap)), line(f.Remedy))
		}
	}
}

// markOf is the shape that stands for an outcome, as on the dashboard.
func markOf(outcome string) string {
	switch outcome {
	case "passed":
		return "●"
	case "warned":
		return "▲"
	case "failed":
		return "■"
	default:
		return "◌"
	}
}
