package scout_test

import (
	"testing"

	"serverscout/internal/scout"
)

func TestStatusGroupCovers(t *testing.T) {
	t.Parallel()
	web := scout.Server{Name: "web-01", Tags: []string{"prod", "web"}}
	tests := []struct {
		name  string
		group scout.StatusGroup
		want  bool
	}{
		{"nothing is named", scout.StatusGroup{}, false},
		{"everything", scout.StatusGroup{Everything: true}, true},
		{"the server", scout.StatusGroup{Match: scout.Match{Servers: []string{"db-01", "web-01"}}}, true},
		{"another server", scout.StatusGroup{Match: scout.Match{Servers: []string{"db-01"}}}, false},
		{"a tag", scout.StatusGroup{Match: scout.Match{Tags: []string{"db", "web"}}}, true},
		{"another tag", scout.StatusGroup{Match: scout.Match{Tags: []string{"db"}}}, false},
		{"the check", scout.StatusGroup{Match: scout.Match{Checks: []string{"HTTP"}}}, true},
		{"the check on the server", scout.StatusGroup{Match: scout.Match{Checks: []string{"web-01/HTTP"}}}, true},
		{"the check on another server", scout.StatusGroup{Match: scout.Match{Checks: []string{"db-01/HTTP"}}}, false},
		{"tag and check", scout.StatusGroup{Match: scout.Match{Tags: []string{"web"}, Checks: []string{"HTTP"}}}, true},
		{"tag and another check", scout.StatusGroup{Match: scout.Match{Tags: []string{"web"}, Checks: []string{"SSH"}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.group.Covers(web, "HTTP"); got != tt.want {
				t.Errorf("covers = %t", got)
			}
			page := scout.StatusPage{Groups: []scout.StatusGroup{{}, tt.group}}
			if got := page.Covers(web, "HTTP"); got != tt.want {
				t.Errorf("the page covers = %t", got)
			}
		})
	}
}

func TestStatusPagePath(t *testing.T) {
	t.Parallel()
	if got := (scout.StatusPage{Slug: "ops"}).Path(); got != "status/ops" {
		t.Errorf("path = %q", got)
	}
	if got := (scout.StatusPage{Slug: "ops", Key: "k"}).Path(); got != "status/ops/k" {
		t.Errorf("path with a key = %q", got)
	}
}
