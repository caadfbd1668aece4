package scout

// SignalKind is what the job behind a heartbeat check says.
type SignalKind string

// The signals: the job ended well, has begun, has failed, or ended with an
// exit code.
const (
	SignalSuccess SignalKind = "success"
	SignalStart   SignalKind = "start"
	SignalFail    SignalKind = "fail"
	SignalExit    SignalKind = "exit"
)

// Signal is one ping of a heartbeat.
type Signal struct {
	Kind SignalKind
	Code int // of SignalExit; 0 is success
}
