package scout

import (
	"strings"
	"testing"
)

func TestHealthy(t *testing.T) {
	t.Parallel()
	of := func(outcomes ...FindingOutcome) (list []Finding) {
		for _, o := range outcomes {
			list = append(list, Finding{Outcome: o})
		}
		return list
	}
	for name, tt := range map[string]struct {
		findings []Finding
		healthy  bool
	}{
		"nothing found":  {nil, false},
		"all passed":     {of(FindingPassed, FindingPassed), true},
		"a warning":      {of(FindingPassed, FindingWarned, FindingSkipped), true},
		"a step failed":  {of(FindingPassed, FindingFailed, FindingSkipped), false},
		"the first only": {of(FindingFailed), false},
	} {
		if got := Healthy(tt.findings); got != tt.healthy {
			t.Errorf("%s: healthy is %v", name, got)
		}
	}
}

func TestDoctorStepsHaveTitles(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, step := range DoctorSteps() {
		title := step.Title()
		if title == string(step) || seen[title] {
			t.Errorf("the title of %s is %q", step, title)
		}
		seen[title] = true
		if f := SkippedAfter(StepAccepted, step); f.Step != StepAccepted || f.Outcome != FindingSkipped || !strings.Contains(f.Says, title) {
			t.Errorf("after %s: %+v", step, f)
		}
	}
}
