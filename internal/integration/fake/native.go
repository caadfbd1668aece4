package fake

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"
)

// nativeKeys are the keys of the native payload, in their order.
var nativeKeys = []string{
	"alert_id", "server_name", "service", "status", "message",
	"timestamp", "severity", "server_ip", "duration",
}

var (
	alertID       = regexp.MustCompile(`^(test-)?[0-9]+$`)
	clockDuration = regexp.MustCompile(`^([0-9]{2}|[1-9][0-9]{2,}):[0-5][0-9]:[0-5][0-9]$`)
	utcTimestamp  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$`)
	severities    = map[string]string{"down": "critical", "warning": "warning", "recovered": "info"}
)

// Native is a receiver of the native payload. It answers 200 to what the
// contract allows, on any path, and 400 to everything else.
type Native struct{ Recorder }

// ServeHTTP records, judges and answers.
func (n *Native) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.serve(w, r, func(got Request) *Rejection { return CheckNative(got.Body) }, Reply(http.StatusOK, "received"))
}

// CheckNative returns why the body is not a native payload, or nil: the nine
// keys, all strings, in order, each in its form.
func CheckNative(body []byte) *Rejection {
	if err := checkNative(body); err != nil {
		return &Rejection{http.StatusBadRequest, "invalid_payload", err.Error()}
	}
	return nil
}

func checkNative(body []byte) error {
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	if !slices.Equal(o.keys, nativeKeys) {
		return fmt.Errorf("the keys are %q instead of %q", o.keys, nativeKeys)
	}
	if err := allStrings(o); err != nil {
		return err
	}
	value := func(key string) string { s, _ := o.text(key); return s }
	severity, known := severities[value("status")]
	switch {
	case !known:
		return fmt.Errorf("status %q is not known", value("status"))
	case value("severity") != severity:
		return fmt.Errorf("severity %q does not go with status %q", value("severity"), value("status"))
	case !alertID.MatchString(value("alert_id")):
		return fmt.Errorf("alert_id %q is not made of digits", value("alert_id"))
	case !clockDuration.MatchString(value("duration")):
		return fmt.Errorf("duration %q is not HH:MM:SS", value("duration"))
	case !utcTimestamp.MatchString(value("timestamp")):
		return fmt.Errorf("timestamp %q is not whole seconds in UTC", value("timestamp"))
	}
	_, err = time.Parse(time.RFC3339, value("timestamp"))
	return err
}

func allStrings(o object) error {
	for _, key := range o.keys {
		if _, ok := o.text(key); !ok {
			return fmt.Errorf("the value of %q is not a string", key)
		}
	}
	return nil
}
