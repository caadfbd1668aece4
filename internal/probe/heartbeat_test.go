package probe

import (
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestHeartbeatOf(t *testing.T) {
	t.Parallel()
	token := "nightly_backup-7F3a"
	got, err := HeartbeatOf(scout.Check{Settings: scout.Settings{"period": "1d", "grace": "0s", "token": token}})
	if want := (Heartbeat{Period: 24 * time.Hour, Token: scout.NewSecret(token)}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	got, err = HeartbeatOf(scout.Check{Settings: scout.Settings{"period": "5m", "token": token}})
	if err != nil || got.Grace != time.Minute {
		t.Errorf("without a grace: got %v, %v", got, err)
	}
}

func TestHeartbeatToken(t *testing.T) {
	t.Parallel()
	for token, valid := range map[string]bool{
		strings.Repeat("a", 15):        false,
		strings.Repeat("a", 16):        true,
		strings.Repeat("Z-_9", 32):     true,
		strings.Repeat("a", 129):       false,
		strings.Repeat("a", 16) + "/":  false,
		strings.Repeat("a", 16) + "ä":  false,
		strings.Repeat("a", 16) + "\n": false,
		"":                             false,
	} {
		_, err := HeartbeatOf(scout.Check{Settings: scout.Settings{"period": "1h", "token": token}})
		if valid != (err == nil) {
			t.Errorf("%q: got %v", token, err)
		}
		if err != nil && (faultsOf(t, err)[0].Field != "token" || token != "" && strings.Contains(err.Error(), token)) {
			t.Errorf("%q: the error does not name the key, or shows the token: %v", token, err)
		}
	}
}

func TestHeartbeatMessages(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		SuccessMessage("Backup"):                            "Backup reported success",
		FailureMessage("Nightly\nbackup"):                   "Nightly backup reported failure",
		ExitMessage("Backup", 3):                            "Backup ended with exit code 3",
		ExitMessage("Backup", 0):                            "Backup reported success",
		SilentMessage("Backup", 26*time.Hour+5*time.Minute): "Backup has not reported for 1 d 2 h",
		SilentMessage("Backup", 125*time.Minute):            "Backup has not reported for 2 h 5 min",
		SilentMessage("", 5900*time.Millisecond):            "Heartbeat has not reported for 5 s",
		FailureMessage(strings.Repeat("ä", 500)):            strings.Repeat("ä", 99) + "… reported failure",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
