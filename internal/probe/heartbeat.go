package probe

import (
	"fmt"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// Bounds of a heartbeat's settings.
const (
	minPeriod    = time.Second
	maxPeriod    = 366 * 24 * time.Hour
	defaultGrace = time.Minute
	minToken     = 16
	maxToken     = 128
)

// Heartbeat is what a check of kind heartbeat is set to.
type Heartbeat struct {
	Period time.Duration // a ping is expected at least this often
	Grace  time.Duration // how much later than Period is still in time
	Token  scout.Secret  // the last part of the address that is pinged
}

type heartbeatSettings struct {
	Period scout.Duration `json:"period"`
	Grace  scout.Duration `json:"grace"`
	Token  string         `json:"token"`
}

func init() { register(heartbeatKind()) }

func heartbeatKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       HeartbeatName,
			Title:      "Heartbeat",
			Help:       "Waits to be pinged by a job, such as a backup, and is down when the ping stays away or tells of a failure.",
			Passive:    true,
			TargetHelp: "A heartbeat has no target.",
			Fields: []scout.Field{
				{
					Name: "period", Type: scout.TypeDuration, Required: true, Example: "1d",
					Help: "How often the job pings.",
					Min:  int64(minPeriod), Max: int64(maxPeriod),
				},
				{
					Name: "grace", Type: scout.TypeDuration, Default: "1m", Example: "30m",
					Help: "How much later than the period a ping may come.",
					Min:  0, Max: int64(maxPeriod),
				},
				{
					Name: "token", Type: scout.TypeString, Required: true, Secret: true, Example: "nightly-backup-7f3a9c2e51",
					Help: "The secret part of the address to ping, /heartbeats/{token}: letters, digits, - and _.",
					Min:  minToken, Max: maxToken,
				},
			},
		},
		DefaultTarget: func(scout.Server) string { return "" },
		Validate:      validateHeartbeat,
	}
}

func validateHeartbeat(t scout.Target) error {
	var faults scout.Faults
	if t.Check.Target != "" {
		faults.Add("target", showable(t.Check.Target), "a heartbeat has no target: leave it out")
	}
	_, err := HeartbeatOf(t.Check)
	faults.Join("", err)
	return faults.Err()
}

// HeartbeatOf reads the settings of a check of kind heartbeat. An absent grace
// is one minute. The error is an Invalid *scout.Error that names the keys.
func HeartbeatOf(c scout.Check) (Heartbeat, error) {
	var faults scout.Faults
	s := decode(c.Settings, heartbeatSettings{Grace: scout.Duration(defaultGrace)}, &faults)
	if err := faults.Err(); err != nil {
		return Heartbeat{}, err
	}
	if p := time.Duration(s.Period); p < minPeriod || p > maxPeriod {
		faults.Add("period", s.Period.String(), "the period is from 1s to 366d")
	}
	if time.Duration(s.Grace) > maxPeriod {
		faults.Add("grace", s.Grace.String(), "the grace is at most 366d")
	}
	if !validToken(s.Token) {
		faults.Add("token", "", "the token is %d to %d letters, digits, - and _", minToken, maxToken)
	}
	if err := faults.Err(); err != nil {
		return Heartbeat{}, err
	}
	return Heartbeat{
		Period: time.Duration(s.Period),
		Grace:  time.Duration(s.Grace),
		Token:  scout.NewSecret(s.Token),
	}, nil
}

func validToken(token string) bool {
	foreign := strings.ContainsFunc(token, func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '_' })
	return len(token) >= minToken && len(token) <= maxToken && !foreign
}

// SuccessMessage says that a job pinged.
func SuccessMessage(service string) string { return jobName(service) + " reported success" }

// FailureMessage says that a job sent its failure signal.
func FailureMessage(service string) string { return jobName(service) + " reported failure" }

// ExitMessage says with which exit code a job ended; 0 is success.
func ExitMessage(service string, code int) string {
	if code == 0 {
		return SuccessMessage(service)
	}
	return fmt.Sprintf("%s ended with exit code %d", jobName(service), code)
}

// SilentMessage says that a job has not pinged in time.
func SilentMessage(service string, silence time.Duration) string {
	return fmt.Sprintf("%s has not reported for %s", jobName(service), spanText(silence))
}

func jobName(service string) string {
	if name := short(service); name != "" {
		return name
	}
	return "Heartbeat"
}
