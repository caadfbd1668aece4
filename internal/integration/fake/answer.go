package fake

import (
	"io"
	"net"
	"net/http"
)

// Answer answers one request, or fails to.
type Answer func(http.ResponseWriter, *http.Request)

// Reply answers with a status and a plain text.
func Reply(status int, body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a sender that is gone does not matter to a fake
	}
}

// RateLimited answers 429 with a Retry-After.
func RateLimited(retryAfter string) Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		Reply(http.StatusTooManyRequests, "rate_limited")(w, r)
	}
}

// Redirect answers 307 with a Location.
func Redirect(to string) Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		Reply(http.StatusTemporaryRedirect, "")(w, r)
	}
}

// Archived answers as Slack does for an archived channel.
func Archived() Answer { return Reply(http.StatusGone, "channel_is_archived") }

// Reset closes the connection without an answer, on TCP by a reset.
func Reset() Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // HTTP/2 resets the stream instead
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// Hang never answers. It ends when the sender gives up.
func Hang() Answer {
	return func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}
