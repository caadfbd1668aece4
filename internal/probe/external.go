package probe

import "serverscout/internal/scout"

// The kinds that are not probed, by name.
const (
	HeartbeatName = "heartbeat"
	ExternalName  = "external"
)

func init() { register(externalKind()) }

// externalKind is a service that another program watches and sends events
// about. It keeps its level until the next event.
func externalKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       ExternalName,
			Title:      "External",
			Help:       "Is not probed: another monitor, or a script, sends events about it to POST /api/v1/events.",
			Passive:    true,
			TargetHelp: "An external check has no target.",
		},
		DefaultTarget: func(scout.Server) string { return "" },
		Validate:      validateExternal,
	}
}

func validateExternal(t scout.Target) error {
	var faults scout.Faults
	if t.Check.Target != "" {
		faults.Add("target", showable(t.Check.Target), "an external check has no target: leave it out")
	}
	decode(t.Check.Settings, struct{}{}, &faults)
	return faults.Err()
}
