package scout_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestLevelText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		level scout.Level
		word  string
	}{{scout.Unknown, "unknown"}, {scout.Up, "up"}, {scout.Warning, "warning"}, {scout.Down, "down"}}
	for _, tt := range tests {
		t.Run(tt.word, func(t *testing.T) {
			t.Parallel()
			if got := tt.level.String(); got != tt.word {
				t.Errorf("String = %q", got)
			}
			if got, err := scout.ParseLevel(tt.word); err != nil || got != tt.level {
				t.Errorf("ParseLevel = %v, %v", got, err)
			}
			b, err := json.Marshal(tt.level)
			if err != nil || string(b) != `"`+tt.word+`"` {
				t.Errorf("Marshal = %s, %v", b, err)
			}
			var got scout.Level
			if err := json.Unmarshal(b, &got); err != nil || got != tt.level {
				t.Errorf("Unmarshal = %v, %v", got, err)
			}
		})
	}
	if got := scout.Level(9).String(); got != "level(9)" {
		t.Errorf("an invalid level prints %q", got)
	}
	var zero scout.Level
	if zero != scout.Unknown {
		t.Errorf("the zero value is %s, want unknown", zero)
	}
	if !(scout.Up < scout.Warning && scout.Warning < scout.Down) {
		t.Error("the levels are not ordered from best to worst")
	}
}

func TestWordsAreExact(t *testing.T) {
	t.Parallel()
	parsers := map[string]func(string) error{
		"level":      func(s string) error { _, err := scout.ParseLevel(s); return err },
		"status":     func(s string) error { _, err := scout.ParseStatus(s); return err },
		"alert type": func(s string) error { _, err := scout.ParseAlertTypes([]string{s}); return err },
		"role":       func(s string) error { _, err := scout.ParseRole(s); return err },
	}
	for name, parse := range parsers {
		for _, word := range []string{"", "Down", "DOWN", " down", "critical ", "Admin", "root", "level(9)"} {
			err := parse(word)
			if err == nil || !strings.Contains(err.Error(), `"`+word+`" is not a`) || !strings.Contains(err.Error(), "use ") {
				t.Errorf("%s %q: %v; want an error that names it and what is right", name, word, err)
			}
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status   scout.Status
		level    scout.Level
		severity string
	}{
		{scout.StatusDown, scout.Down, "critical"},
		{scout.StatusWarning, scout.Warning, "warning"},
		{scout.StatusRecovered, scout.Up, "info"},
	}
	for _, tt := range tests {
		t.Run(string(tt.status), func(t *testing.T) {
			t.Parallel()
			if got, err := scout.ParseStatus(string(tt.status)); err != nil || got != tt.status {
				t.Errorf("ParseStatus = %v, %v", got, err)
			}
			if got := scout.StatusOf(tt.level); got != tt.status {
				t.Errorf("StatusOf(%s) = %s", tt.level, got)
			}
			if got := tt.status.Level(); got != tt.level {
				t.Errorf("Level = %s, want %s", got, tt.level)
			}
			if got := tt.status.Severity(); got != tt.severity {
				t.Errorf("Severity = %q, want %q", got, tt.severity)
			}
		})
	}
	if got := scout.StatusOf(scout.Unknown); got != scout.StatusRecovered {
		t.Errorf("StatusOf(unknown) = %s, want recovered", got)
	}
}

func TestAlertTypes(t *testing.T) {
	t.Parallel()
	for a := range scout.AllAlerts + 1 {
		t.Run("{"+a.String()+"}", func(t *testing.T) {
			t.Parallel()
			b, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			var got scout.AlertTypes
			if err := json.Unmarshal(b, &got); err != nil || got != a {
				t.Errorf("%s is read as %v, %v", b, got, err)
			}
			if got, err := scout.ParseAlertTypes(a.Names()); err != nil || got != a {
				t.Errorf("ParseAlertTypes(%q) = %v, %v", a.Names(), got, err)
			}
			if got := strings.Join(a.Names(), ","); got != a.String() {
				t.Errorf("String = %q, Names joined = %q", a, got)
			}
		})
	}
	all, err := json.Marshal([]scout.AlertTypes{0, scout.Recovery | scout.Critical, scout.AllAlerts})
	if want := `[[],["critical","recovery"],["critical","warning","recovery"]]`; err != nil || string(all) != want {
		t.Errorf("Marshal = %s, %v; want %s", all, err, want)
	}
	if got, err := scout.ParseAlertTypes([]string{"recovery", "critical", "recovery"}); err != nil || got != scout.Critical|scout.Recovery {
		t.Errorf("in another order, and twice: %v, %v", got, err)
	}
	for _, text := range []string{`["loud"]`, `"critical"`, `7`} {
		var a scout.AlertTypes
		if err := json.Unmarshal([]byte(text), &a); err == nil {
			t.Errorf("Unmarshal takes %s", text)
		}
	}
}

func TestAlertTypesHas(t *testing.T) {
	t.Parallel()
	two := scout.Critical | scout.Recovery
	got := []bool{two.Has(scout.Critical), two.Has(two), two.Has(scout.WarningAlerts), two.Has(scout.AllAlerts), two.Has(0)}
	if diff := cmp.Diff([]bool{true, true, false, false, true}, got); diff != "" {
		t.Errorf("Has (-want +got):\n%s", diff)
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	order := []scout.Role{scout.Viewer, scout.Editor, scout.Admin}
	for i, role := range order {
		if got, err := scout.ParseRole(string(role)); err != nil || got != role {
			t.Errorf("ParseRole(%s) = %v, %v", role, got, err)
		}
		for j, other := range order {
			if got := role.Includes(other); got != (i >= j) {
				t.Errorf("%s includes %s: %t", role, other, got)
			}
		}
		if scout.Role("root").Includes(role) || scout.Role("").Includes(role) {
			t.Errorf("a role that does not exist includes %s", role)
		}
	}
}
