package scout

import "strings"

// Describe returns the reason in words that complete "it was not sent,
// because …".
func (r Reason) Describe() string {
	switch r {
	case Owed:
		return "it is owed"
	case NotSelected:
		return "the webhook does not hear this alert type"
	case Filtered:
		return "the webhook's match names other servers, tags or checks"
	case AlreadyTold:
		return "the webhook had been told this already"
	case NeverTold:
		return "the webhook was never told what this would end"
	case WebhookPaused:
		return "the webhook was paused"
	case Silenced:
		return "a silence was in force"
	case InMaintenance:
		return "a maintenance window was in force"
	case Disabled:
		return "the webhook was disabled, as its receiver had said that it is gone"
	case WebhookRemoved:
		return "the webhook was removed"
	case GaveUp:
		return "it had been tried for as long as give_up_after says"
	case Gone:
		return "the receiver said that it is gone"
	case TestFailed:
		return "a test is tried once"
	case CaughtUp:
		return "it was held back until then"
	case StillWaiting:
		return "an earlier message of the incident still waited to be sent"
	case MadeLater:
		return "the webhook was made after the event"
	default:
		return strings.ReplaceAll(string(r), "_", " ")
	}
}
