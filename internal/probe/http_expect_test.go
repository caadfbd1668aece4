package probe

import (
	"compress/gzip"
	"net/http"
	"testing"

	"serverscout/internal/scout"
)

func TestHTTPHeaderExpectations(t *testing.T) {
	t.Parallel()
	n := web(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header()["Set-Cookie"] = []string{"a=hush", "b=2; Secure"}
		w.Header().Set("X-Empty", "")
		zip := gzip.NewWriter(w)
		_, _ = zip.Write([]byte("hello"))
		_ = zip.Close()
	})
	const up = "HTTP service answers on port 80 (200 OK)"
	const wrong = "HTTP service answered 200 OK on port 80, but "
	tests := []struct{ name, value, want string }{
		{"content-type", "text/html; charset=utf-8", up},
		{"Content-Type", "text/html", wrong + "the header Content-Type does not have the expected value"},
		{"Content-Type", "~^text/", up},
		{"Content-Type", "~json$", wrong + "the header Content-Type does not have the expected value"},
		{"Content-Type", "", up},
		{"Content-Encoding", "gzip", up},
		{"Set-Cookie", "b=2; Secure", up},
		{"Set-Cookie", "~^b=.*Secure", up},
		{"Set-Cookie", "b=2", wrong + "the header Set-Cookie does not have the expected value"},
		{"!Set-Cookie", "", wrong + "it has the header Set-Cookie, which must be absent"},
		{"X-Empty", "", up},
		{"!x-empty", "", wrong + "it has the header X-Empty, which must be absent"},
		{"X-Debug", "", wrong + "the header X-Debug is missing"},
		{"X-Debug", "~", wrong + "the header X-Debug is missing"},
		{"!X-Debug", "", up},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			t.Parallel()
			level := scout.Down
			if tt.want == up {
				level = scout.Up
			}
			check := scout.Check{Target: "http://www.example.com/", Settings: scout.Settings{
				"expect": map[string]any{"headers": map[string]any{tt.name: tt.value}, "body_contains": "hello"},
			}}
			expect(t, observe(t, compileHTTP, check, n), level, tt.want)
		})
	}
}
