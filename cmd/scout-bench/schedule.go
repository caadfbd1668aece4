package main

import (
	"bufio"
	"cmp"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"serverscout/internal/scout"
)

// targetEnv makes this program the service that is probed, so that its work is
// not counted as the prober's.
const targetEnv = "SCOUT_BENCH_TARGET"

func serveTarget() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	go func() { // ends with the parent
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		os.Exit(0)
	}()
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }))
}

// schedule probes many HTTP services of another process every 10 s.
func schedule(o options) (map[string]any, error) {
	target, stop, err := startTarget()
	if err != nil {
		return nil, err
	}
	defer stop()
	b, err := newBench()
	if err != nil {
		return nil, err
	}
	checks := httpChecks(target, cmp.Or(o.checks, 5000))
	if _, err := b.declare(checks, nil); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var late []time.Duration
	b.late = func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		late = append(late, d)
	}
	if err := b.begin(); err != nil {
		return nil, err
	}
	defer b.close()
	<-time.After(12 * time.Second) // the first round, in which every check starts
	mu.Lock()
	late = nil
	mu.Unlock()
	before, start := processorTime(), time.Now()
	<-time.After(time.Duration(o.seconds) * time.Second)
	cores := (processorTime() - before).Seconds() / time.Since(start).Seconds()
	mu.Lock()
	defer mu.Unlock()
	inTime := 0
	for _, d := range late {
		if d <= 250*time.Millisecond {
			inTime++
		}
	}
	return map[string]any{
		"checks": len(checks), "probes": len(late), "within_250ms_percent": 100 * float64(inTime) / float64(max(len(late), 1)),
		"lateness_p99_ms": quantile(late, .99), "cores": cores, "memory_mb": residentMB(),
	}, nil
}

// httpChecks are n checks of one service.
func httpChecks(target string, n int) []scout.Check {
	checks := make([]scout.Check, n)
	for i := range checks {
		checks[i] = scout.Check{
			Name: fmt.Sprintf("HTTP %d", i), Kind: "http", Target: "http://" + target + "/",
			Interval: 10 * time.Second, Timeout: 5 * time.Second, ConfirmInterval: 10 * time.Second, FailAfter: 3, RecoverAfter: 2,
			Settings: scout.Settings{},
		}
	}
	return checks
}

func startTarget() (address string, stop func(), err error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), targetEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), func() { _ = in.Close(); _ = cmd.Wait() }, err
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// residentMB is this process's resident memory, from /proc; 0 where there is
// none.
func residentMB() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}
