package scout

import (
	"fmt"
	"slices"
	"time"
)

// DoctorStep is a step of a webhook's diagnosis.
type DoctorStep string

// The steps of a diagnosis.
const (
	StepURL      DoctorStep = "url"
	StepPolicy   DoctorStep = "address_policy"
	StepDNS      DoctorStep = "dns"
	StepTCP      DoctorStep = "tcp"
	StepTLS      DoctorStep = "tls"
	StepRequest  DoctorStep = "request"
	StepAnswer   DoctorStep = "answer"
	StepTime     DoctorStep = "time"
	StepAccepted DoctorStep = "accepted"
)

// DoctorSteps lists the steps in the order in which a person would take them,
// and in which they are reported.
func DoctorSteps() []DoctorStep {
	return []DoctorStep{StepURL, StepPolicy, StepDNS, StepTCP, StepTLS, StepRequest, StepAnswer, StepTime, StepAccepted}
}

// Title names a step for a person.
func (s DoctorStep) Title() string {
	switch s {
	case StepURL:
		return "URL"
	case StepPolicy:
		return "Address policy"
	case StepDNS:
		return "DNS"
	case StepTCP:
		return "Connection"
	case StepTLS:
		return "TLS certificate"
	case StepRequest:
		return "Request"
	case StepAnswer:
		return "Status code"
	case StepTime:
		return "Time taken"
	case StepAccepted:
		return "Payload accepted"
	default:
		return string(s)
	}
}

// FindingOutcome is how a step of a diagnosis ended.
type FindingOutcome string

// The outcomes of a step. One that is skipped was not needed, or needs a step
// that failed. A warning does not stop messages, but should be looked at.
const (
	FindingPassed  FindingOutcome = "passed"
	FindingWarned  FindingOutcome = "warned"
	FindingFailed  FindingOutcome = "failed"
	FindingSkipped FindingOutcome = "skipped"
)

// Finding is what one step of a diagnosis came to. It holds no secret.
type Finding struct {
	Step    DoctorStep
	Outcome FindingOutcome
	Says    string        // one sentence: what was found
	Remedy  string        // one sentence: what to do; "" when there is nothing to do
	Took    time.Duration // 0 where nothing was waited for
	Facts   [][2]string   // names and values, such as the address connected to
}

// SkippedAfter is the finding of a step that needs another one, which failed.
func SkippedAfter(step, failed DoctorStep) Finding {
	return Finding{Step: step, Outcome: FindingSkipped, Says: fmt.Sprintf("Not tried, because the step %q failed.", failed.Title())}
}

// Healthy reports whether messages get through as far as a diagnosis can tell:
// no step failed. A diagnosis without findings has found nothing out, and is
// not healthy.
func Healthy(findings []Finding) bool {
	failed := slices.ContainsFunc(findings, func(f Finding) bool { return f.Outcome == FindingFailed })
	return len(findings) > 0 && !failed
}
