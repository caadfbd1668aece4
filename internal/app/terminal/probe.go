package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"serverscout/internal/manage"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// Trial says what to probe once, without a server.
type Trial struct {
	Kind   string // a check kind; "": the target's scheme says it
	Target string // a URL, or what the kind takes
	Edits  Edits  // the check's other keys
	JSON   bool
}

// observation is what one probe found, for printing.
type observation struct {
	Kind      string   `json:"kind"`
	Target    string   `json:"target"`
	Level     string   `json:"level"`
	Message   string   `json:"message"`
	LatencyMS float64  `json:"latency_ms"`
	IP        string   `json:"ip,omitempty"`
	Steps     []timing `json:"steps"`
}

// timing is one step of a probe.
type timing struct {
	Name   string  `json:"name"`
	TookMS float64 `json:"took_ms"`
}

// Run probes, with the checks a server would have for the target, and prints
// what is found. What is not up is ErrNotWell.
func (t Trial) Run(ctx context.Context, s *Screen) error {
	checks, err := t.checks()
	if err != nil {
		return err
	}
	well := true
	seen := []observation{}
	for _, c := range checks {
		r, err := probe.Once(ctx, scout.Target{Check: c})
		if err != nil {
			return err
		}
		well = well && r.Level == scout.Up
		if !t.JSON {
			s.printResult(r.Level.String(), r.Message, r.Latency, r.IP)
			s.printSteps(r.Steps)
		}
		seen = append(seen, viewObservation(c, r))
	}
	if t.JSON {
		text, err := json.Marshal(seen)
		if err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
		if err := printJSON(s.Out, text); err != nil {
			return err
		}
	}
	if !well {
		return ErrNotWell
	}
	return nil
}

// checks are the check that is asked for, and the one it brings along.
func (t Trial) checks() ([]scout.Check, error) {
	name, target := t.Kind, t.Target
	if name == "" {
		var err error
		if name, target, err = kindOf(target); err != nil {
			return nil, err
		}
	}
	fields, err := fieldsOfKind(name)
	if err != nil {
		return nil, err
	}
	kind, _ := probe.Lookup(name)
	if kind.Passive {
		return nil, scout.Errorf(scout.Invalid, "a check of the kind %s cannot be tried: nothing is probed, its results come from outside", name)
	}
	keys, err := t.Edits.object(fields)
	if err != nil {
		return nil, err
	}
	keys["kind"], keys["target"] = name, target
	c, err := manage.ParseCheck(scout.Server{}, keys)
	if err != nil {
		return nil, err
	}
	checks := []scout.Check{c}
	if kind.Companion != nil {
		if along, ok := kind.Companion(c, scout.Server{}); ok {
			checks = append(checks, along)
		}
	}
	return checks, nil
}

// kindOf is the kind of check that a URL asks for, and its target.
func kindOf(target string) (kind, of string, err error) {
	if !strings.Contains(target, "://") {
		target = "https://" + target
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", "", scout.Errorf(scout.Invalid, "%q is not a URL: write one such as https://example.com/", target)
	}
	switch u.Scheme {
	case "http", "https":
		return "http", target, nil
	case "tcp", "tls":
		return u.Scheme, u.Host, nil
	default:
		return "", "", scout.Errorf(scout.Invalid, "there is no check for %s URLs: use http, https, tcp or tls, or say --kind", u.Scheme)
	}
}

func viewObservation(c scout.Check, r scout.Result) observation {
	target, _ := manage.ShowCheck(c)["target"].(string)
	o := observation{
		Kind: c.Kind, Target: target, Level: r.Level.String(), Message: r.Message,
		LatencyMS: inMilliseconds(r.Latency), IP: r.IP, Steps: []timing{},
	}
	for _, step := range r.Steps {
		o.Steps = append(o.Steps, timing{step.Name, inMilliseconds(step.Took)})
	}
	return o
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// printResult prints one observation in a line.
func (s *Screen) printResult(level, message string, latency time.Duration, ip string) {
	fill := strings.Repeat(" ", max(len("warning")-len(level), 0))
	text := s.word(level) + fill + gap + line(message)
	if latency > 0 {
		text += gap + "(" + rounded(latency).String()
		if ip != "" {
			text += " from " + line(ip)
		}
		text += ")"
	}
	s.printf("%s\n", text)
}

// widestBar is how long the bar of a whole probe is.
const widestBar = 30

// printSteps prints how a probe spent its time, on a terminal with bars.
func (s *Screen) printSteps(steps []scout.Step) {
	var total time.Duration
	width := 0
	for _, step := range steps {
		total += step.Took
		width = max(width, utf8.RuneCountInString(step.Name))
	}
	for _, step := range steps {
		fill := strings.Repeat(" ", width-utf8.RuneCountInString(step.Name))
		bar := ""
		if s.Terminal() && total > 0 {
			bar = gap + strings.Repeat("█", int(widestBar*step.Took/total))
		}
		text := fmt.Sprintf("  %s%s  %9s%s", step.Name, fill, rounded(step.Took), bar)
		s.printf("%s\n", strings.TrimRight(text, " "))
	}
}
