package deliver

import (
	"context"
	"strconv"

	"serverscout/internal/egress"
	"serverscout/internal/scout"
)

// Diagnose sends a sample event that tells "down" to a webhook, stored or not
// (ID 0), as Test does, and reports what is found at each of scout.DoctorSteps
// as soon as it is known. The receiver gets one message, and the end of it where
// the target keeps state. Both are recorded as tests.
//
// Report is called by one goroutine at a time and not after the return; while
// it runs the request waits. The error says why the diagnosis could not be made
// or recorded, never what it found.
func (e *Engine) Diagnose(ctx context.Context, w scout.Webhook, report func(scout.Finding)) error {
	ended, err := e.begin()
	if err != nil {
		return err
	}
	defer ended()

	p := patient{report: report}
	incident, tells := scout.NewTestID(e.options.Now()), story(w, scout.StatusDown)
	d, a, err := e.try(ctx, w, sample(incident, 1, tells[0], e.options.Now()), e.examining(&p))
	if err != nil {
		return err
	}
	accepted := p.accepted(d, a)
	if d.Status == scout.Delivered && len(tells) > 1 {
		end, last, err := e.try(ctx, w, sample(incident, 2, tells[1], e.options.Now()), e.send)
		if err != nil {
			return err
		}
		if end.Status != scout.Delivered {
			accepted.Outcome = scout.FindingWarned
			accepted.Says = "The receiver accepted the sample, but not its end: " + last.Verdict.Detail
			accepted.Remedy = "Close the alert " + incident + " there by hand, and see what the receiver says."
		}
	}
	report(accepted)
	return nil
}

// examining is a way to send that lets a patient's findings be known.
func (e *Engine) examining(p *patient) sending {
	return func(ctx context.Context, r scout.Request, trust egress.Trust) (scout.Response, error) {
		return e.rules.Load().Sender.Diagnose(ctx, r, trust, p.note)
	}
}

// patient is a webhook under diagnosis.
type patient struct {
	report func(scout.Finding)
	sent   bool             // there was a request to look at
	failed scout.DoctorStep // the first step that failed; "" for none
}

// note passes a finding on.
func (p *patient) note(f scout.Finding) {
	p.sent = true
	if f.Outcome == scout.FindingFailed && p.failed == "" {
		p.failed = f.Step
	}
	p.report(f)
}

// accepted is the finding of the last step: whether the target counts what it
// was sent as a success.
func (p *patient) accepted(d scout.Delivery, a scout.Attempt) scout.Finding {
	record := [][2]string{{"delivery", strconv.FormatInt(d.ID, 10)}}
	switch {
	case !p.sent:
		return p.unwritten(a, record)
	case p.failed != "":
		f := scout.SkippedAfter(scout.StepAccepted, p.failed)
		f.Facts = record
		return f
	case d.Status == scout.Delivered:
		return scout.Finding{Step: scout.StepAccepted, Outcome: scout.FindingPassed, Says: "The receiver accepted the sample.", Facts: record}
	default:
		return scout.Finding{
			Step: scout.StepAccepted, Outcome: scout.FindingFailed, Says: a.Verdict.Detail, Facts: record,
			Remedy: "Its status code is a success, but its answer is not: correct what it names in the webhook's URL or settings, or at the receiver.",
		}
	}
}

// unwritten is the finding about a sample for which there is no message to
// send; all other steps are skipped.
func (p *patient) unwritten(a scout.Attempt, record [][2]string) scout.Finding {
	for _, step := range scout.DoctorSteps() {
		if step != scout.StepAccepted {
			p.report(scout.Finding{Step: step, Outcome: scout.FindingSkipped, Says: "Not tried, because there is no message to send."})
		}
	}
	return scout.Finding{
		Step: scout.StepAccepted, Outcome: scout.FindingFailed, Says: "The message cannot be written: " + a.Verdict.Detail, Facts: record,
		Remedy: "Correct the webhook's format and its settings.",
	}
}
