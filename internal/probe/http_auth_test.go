package probe

import (
	"testing"

	"serverscout/internal/scout"
)

func TestHTTPAuthFaults(t *testing.T) {
	t.Parallel()
	basic := func(username, password string) map[string]any {
		return map[string]any{"username": username, "password": password}
	}
	authorization := map[string]any{"authorization": "hush"}
	const www, userinfo = "http://www.example.com/", "http://user:hush@www.example.com/"
	const badToken = "a token has neither spaces nor characters outside ASCII: write it without the word Bearer"
	const badUsername = "a username has neither colons nor control characters"
	const twoHeaders = "the headers have an Authorization already: keep one of them"
	const twoUsers = "the target names a user already: keep one of them"
	tests := []struct {
		name     string
		target   string
		settings scout.Settings
		want     scout.FieldError
	}{
		{"both", www, scout.Settings{"basic_auth": basic("user", "hush"), "bearer_token": "hush"}, scout.FieldError{Field: "bearer_token", Message: "basic_auth and bearer_token exclude each other: keep one of them"}},
		{"basic and header", www, scout.Settings{"basic_auth": basic("user", "hush"), "headers": authorization}, scout.FieldError{Field: "basic_auth", Message: twoHeaders}},
		{"token and header", www, scout.Settings{"bearer_token": "hush", "headers": authorization}, scout.FieldError{Field: "bearer_token", Message: twoHeaders}},
		{"basic and URL", userinfo, scout.Settings{"basic_auth": basic("user", "hush")}, scout.FieldError{Field: "basic_auth", Message: twoUsers}},
		{"token and URL", userinfo, scout.Settings{"bearer_token": "hush"}, scout.FieldError{Field: "bearer_token", Message: twoUsers}},
		{"no username", www, scout.Settings{"basic_auth": basic("", "hush")}, scout.FieldError{Field: "basic_auth.username", Message: "a password needs a username"}},
		{"a colon", www, scout.Settings{"basic_auth": basic("us:er", "hush")}, scout.FieldError{Field: "basic_auth.username", Value: "us:er", Message: badUsername}},
		{"a line end", www, scout.Settings{"basic_auth": basic("user\n", "hush")}, scout.FieldError{Field: "basic_auth.username", Value: "user\n", Message: badUsername}},
		{"the word Bearer", www, scout.Settings{"bearer_token": "Bearer hush"}, scout.FieldError{Field: "bearer_token", Message: badToken}},
		{"beyond ASCII", www, scout.Settings{"bearer_token": "hush…"}, scout.FieldError{Field: "bearer_token", Message: badToken}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := compileHTTP(scout.Target{Check: scout.Check{Target: tt.target, Settings: tt.settings}}, systemNetwork())
			expectFault(t, err, tt.want)
		})
	}
}
