package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServe runs the program as a user does: it alerts, lists what it
// delivered, takes a changed file over at SIGHUP, refuses a broken one without
// harm, and ends well at SIGTERM.
func TestServe(t *testing.T) {
	t.Parallel()
	svc, inboxes, p := setUp(t, 2)
	p.start()
	svc.set(0, true)
	inboxes[0].wait(t, 20*time.Second, "down", func() bool { return len(inboxes[0].told("service 0")) == 1 })

	out := p.command("deliveries list --status delivered --url " + p.url + " --token " + p.token())
	if !strings.Contains(out, "receiver 0") || !strings.Contains(out, "delivered") {
		t.Errorf("deliveries list prints\n%s", out)
	}

	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	p.reload(string(text) + "nonsense: 1\n")
	p.waitForLog(t, "nonsense: is not a known key")
	p.reload(strings.Replace(string(text), "name: service 0,", "name: renamed 0,", 1))
	inboxes[0].wait(t, 20*time.Second, "the end of what is no longer watched", func() bool {
		told := inboxes[0].told("service 0")
		return len(told) == 2 && told[1].Status == "recovered" && strings.HasSuffix(told[1].Message, "is no longer watched")
	})
	inboxes[0].wait(t, 20*time.Second, "down under the new name", func() bool { return len(inboxes[0].told("renamed 0")) == 1 })

	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

// command runs the program with other arguments and returns what it prints.
func (p *process) command(args string) string {
	p.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), runAsScout+"=1", "SCOUT_ARGS="+args)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("scout %s: %v", args, err)
	}
	return string(out)
}

func (p *process) reload(text string) {
	p.t.Helper()
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) waitForLog(t *testing.T, text string) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		log, err := os.ReadFile(p.config + ".log")
		if err == nil && strings.Contains(string(log), text) {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-late:
			t.Fatalf("the log does not say %q:\n%s", text, log)
		}
	}
}

// TestDemo runs the demo as a newcomer does: within 15 seconds the terminal
// shows "down", then "recovered" of the same incident with its true duration,
// and Ctrl-C ends it well.
func TestDemo(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), runAsScout+"=1", "SCOUT_ARGS=demo")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for lines := bufio.NewScanner(out); len(values["duration"]) < 2 && lines.Scan(); {
		var key, value string
		if n, _ := fmt.Sscanf(strings.NewReplacer(`"`, " ", ",", " ", ":", " ", "-", "").Replace(lines.Text()), "%s %s", &key, &value); n == 2 {
			values[key] = append(values[key], value)
		}
	}
	took := time.Since(start)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	if ids := values["alert_id"]; len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("alert_id: %v, want the same twice", ids)
	}
	if fmt.Sprint(values["status"]) != "[down recovered]" {
		t.Errorf("status: %v", values["status"])
	}
	if took > 15*time.Second {
		t.Errorf("it took %s, want 15 s at most", took)
	}
}
