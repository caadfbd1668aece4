package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"serverscout/internal/integration/fake"
)

// TestKillBetweenTriggerAndResolve has the alert that one process triggered
// resolved by another, under the one key that PagerDuty knows it by.
func TestKillBetweenTriggerAndResolve(t *testing.T) {
	t.Parallel()
	svc, pager := newServices(1), &fake.PagerDuty{}
	target, events := httptest.NewServer(svc), httptest.NewServer(pager)
	defer target.Close()
	defer events.Close()
	p := &process{t: t, config: filepath.Join(t.TempDir(), "scout.yaml")}
	config := fmt.Sprintf(`listen: 127.0.0.1:0
data: ./data
servers:
  - name: host
    checks: [{name: service 0, kind: http, target: %s/service/0, interval: 1s, fail_after: 1, recover_after: 1}]
webhooks:
  - {name: on call, format: pagerduty, url: %s/v2/enqueue, headers: {Authorization: "Token token=0123456789abcdef0123456789abcdef"}}
`, target.URL, events.URL)
	if err := os.WriteFile(p.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p.start()
	defer func() { p.kill() }()
	svc.set(0, true)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := pager.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}
	p.kill()
	if open := pager.Open(); len(open) != 1 {
		t.Fatalf("open at PagerDuty: %v, want one alert", open)
	}
	svc.set(0, false)
	sent := len(pager.Requests())
	p.start()
	for resolved := false; !resolved; {
		sent++
		got, err := pager.Wait(ctx, sent)
		if err != nil {
			t.Fatalf("%v; open at PagerDuty: %v", err, pager.Open())
		}
		resolved = bytes.Contains(got[len(got)-1].Body, []byte(`"event_action":"resolve"`))
	}
	events.Close() // waits until the resolve is answered, and so has had its effect
	if open := pager.Open(); len(open) != 0 {
		t.Errorf("still open at PagerDuty: %v", open)
	}
	if stray := pager.Stray(); len(stray) != 0 {
		t.Errorf("resolved under keys that were never triggered: %v", stray)
	}
	for _, r := range pager.Requests() {
		if r.Rejection != nil {
			t.Error(r.Rejection)
		}
	}
}
