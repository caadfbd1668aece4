package api

import (
	"io"
	"net/http"
	"strconv"

	"serverscout/internal/scout"
)

// longestPing is how much of a ping's body is read. Jobs send their output
// along; nothing is done with it.
const longestPing = 64 << 10

// routeHeartbeats serves the addresses that jobs ping. The token in the path
// is all they need to know. The methods are those that any tool can send: GET
// stands for HEAD too.
func (a *api) routeHeartbeats(mux *http.ServeMux) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mux.HandleFunc(method+" /heartbeats/{token}", a.ping)
		mux.HandleFunc(method+" /heartbeats/{token}/{signal}", a.ping)
	}
}

func (a *api) ping(w http.ResponseWriter, r *http.Request) {
	signal, ok := signalOf(r.PathValue("signal"))
	if !ok {
		plain(w, http.StatusBadRequest, "What follows the token must be start, fail or an exit code from 0 to 255.")
		return
	}
	err := a.engine.Ping(r.Context(), r.PathValue("token"), signal)
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, longestPing)) // the ping counts whatever its body
	switch {
	case err == nil:
		plain(w, http.StatusOK, "ok")
	case scout.CodeOf(err) == scout.NotFound:
		plain(w, http.StatusNotFound, "There is no heartbeat with this token, or its check is paused.")
	default:
		a.log.Error("ping not recorded", "signal", signal.Kind, "error", err)
		plain(w, http.StatusServiceUnavailable, "The ping could not be recorded: send it again.")
	}
}

// signalOf reads the part of the path after the token.
func signalOf(word string) (scout.Signal, bool) {
	switch word {
	case "":
		return scout.Signal{Kind: scout.SignalSuccess}, true
	case "start":
		return scout.Signal{Kind: scout.SignalStart}, true
	case "fail":
		return scout.Signal{Kind: scout.SignalFail}, true
	}
	code, err := strconv.ParseUint(word, 10, 8)
	return scout.Signal{Kind: scout.SignalExit, Code: int(code)}, err == nil
}
