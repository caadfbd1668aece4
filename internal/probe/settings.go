package probe

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// latencyWarning is the settings' key warn of kinds that measure a latency.
type latencyWarning struct {
	Latency scout.Duration `json:"latency"` // 0: never slow
}

func latencyWarningField() scout.Field {
	return scout.Field{
		Name: "warn", Type: scout.TypeObject,
		Help: "What makes the check a warning although the service answers.",
		Fields: []scout.Field{{
			Name: "latency", Type: scout.TypeDuration, Example: "800ms",
			Help: "An answer that takes longer is a warning.",
			Min:  int64(time.Millisecond), Max: int64(time.Hour),
		}},
	}
}

// exceeded reports whether an answer took too long.
func (w latencyWarning) exceeded(latency time.Duration) bool {
	return w.Latency > 0 && latency > time.Duration(w.Latency)
}

// decode reads settings over the defaults of their kind. What cannot be read
// is added to faults, at its key where that is known.
func decode[T any](s scout.Settings, defaults T, faults *scout.Faults) T {
	err := s.Decode(&defaults)
	if err == nil {
		return defaults
	}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		kind, _, _ := strings.Cut(wrongType.Value, " ") // a number may be followed by itself
		faults.Add(wrongType.Field, "", "a %s cannot stand here", kind)
		return defaults
	}
	faults.Add("", "", "the settings cannot be read: %s", err)
	return defaults
}
