package scout

import "testing"

// TestRemedy has a word for every fault that the sentence about it leaves open.
func TestRemedy(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, a := range map[string]Attempt{
		"rejected": {Verdict: Verdict{Fault: FaultRejected}},
		"timeout":  {Verdict: Verdict{Fault: FaultTimeout}},
		"400":      {Verdict: Verdict{Fault: FaultMisconfigured}, Status: 400},
		"403":      {Verdict: Verdict{Fault: FaultMisconfigured}, Status: 403},
		"405":      {Verdict: Verdict{Fault: FaultMisconfigured}, Status: 405},
		"413":      {Verdict: Verdict{Fault: FaultMisconfigured}, Status: 413},
	} {
		text := a.Remedy()
		if text == "" || seen[text] != "" {
			t.Errorf("%s: %q, the same as for %q", name, text, seen[text])
		}
		seen[text] = name
	}
	for _, a := range []Attempt{{}, {Verdict: Verdict{Fault: FaultCertSelf}}, {Verdict: Verdict{Fault: FaultMisconfigured}, Status: 402}} {
		if text := a.Remedy(); text != "" {
			t.Errorf("%+v: %q, though its sentence says it", a.Verdict, text)
		}
	}
}
