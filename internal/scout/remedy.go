package scout

import "net/http"

// Remedy is what to do about an attempt that failed, as one sentence or two; ""
// where the error says so itself.
func (a Attempt) Remedy() string {
	switch a.Verdict.Fault {
	case FaultRedirect:
		return "Put the address it leads to into the webhook's URL: an alert must not go where nobody has chosen."
	case FaultGone:
		return "The receiver says that this address is gone for good. Make a new one there and put it into the webhook's URL."
	case FaultRateLimited:
		return "Wait: the receiver takes no more for the moment. An alert is sent again later by itself."
	case FaultServerError:
		return "Look into the receiver's log: the fault is there. An alert is tried again for at least a day."
	case FaultRejected:
		return "The receiver answered with success, but says that it did not take the message. Its answer says why."
	case FaultTimeout:
		return "A receiver has 10 seconds to answer. Let it answer first and work afterwards."
	case FaultMisconfigured:
		return remedyOf(a.Status)
	default:
		return ""
	}
}

// remedyOf is what to do about a status that says that the webhook is set up
// wrongly.
func remedyOf(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "Check the webhook's credential: its URL, its key or its headers. The receiver refuses it."
	case http.StatusProxyAuthRequired:
		return "Check the user and the password in egress.proxy: the proxy refuses them."
	case http.StatusNotFound:
		return "Check the webhook's URL: the receiver knows nothing there. Copy it anew from the receiver, whole; it may have been removed."
	case http.StatusMethodNotAllowed:
		return "Check the webhook's URL: what answers there takes no POST."
	case http.StatusRequestEntityTooLarge:
		return "Raise the receiver's limit for request bodies: the message is too long for it."
	case http.StatusUnsupportedMediaType, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusNotAcceptable:
		return "Choose the format that the receiver expects: it does not understand this message. Its answer may say what it wants."
	default:
		return ""
	}
}
