package probe

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"serverscout/internal/scout"
)

type basicAuth struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

func httpAuthFields() []scout.Field {
	return []scout.Field{
		{
			Name: "basic_auth", Type: scout.TypeObject,
			Help: "Name and password for basic authentication; not beside another way to sign in.",
			Fields: []scout.Field{
				{Name: "username", Type: scout.TypeString, Required: true, Example: "probe", Max: 256, Help: "The name to sign in with, without a colon."},
				{Name: "password", Type: scout.TypeString, Secret: true, Max: 4096, Help: "The password that goes with it."},
			},
		},
		{
			Name: "bearer_token", Type: scout.TypeString, Secret: true, Max: 16 << 10,
			Help: "A token for bearer authentication, without the word Bearer; not beside another way to sign in.",
		},
	}
}

// compileAuth puts what the check signs in with into its headers, where it
// obeys the rule for redirects. No fault quotes a credential.
func (s httpSettings) compileAuth(target *url.URL, header http.Header, faults *scout.Faults) {
	basic := s.BasicAuth != basicAuth{}
	field := "bearer_token"
	switch {
	case !basic && s.BearerToken == "":
		useCredentialsOf(target, header)
		return
	case basic && s.BearerToken != "":
		faults.Add(field, "", "basic_auth and bearer_token exclude each other: keep one of them")
		return
	case basic:
		field = "basic_auth"
	}
	switch {
	case header.Get("Authorization") != "":
		faults.Add(field, "", "the headers have an Authorization already: keep one of them")
	case target != nil && target.User != nil:
		faults.Add(field, "", "the target names a user already: keep one of them")
	case basic:
		s.BasicAuth.compile(header, faults)
	case strings.ContainsFunc(s.BearerToken, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		faults.Add(field, "", "a token has neither spaces nor characters outside ASCII: write it without the word Bearer")
	default:
		header.Set("Authorization", "Bearer "+s.BearerToken)
	}
}

// useCredentialsOf makes a header of a URL's user and password, unless the
// check brings its own.
func useCredentialsOf(target *url.URL, header http.Header) {
	if target == nil || target.User == nil || header.Get("Authorization") != "" {
		return
	}
	password, _ := target.User.Password()
	basicAuth{target.User.Username(), password}.setHeader(header)
}

func (a basicAuth) compile(header http.Header, faults *scout.Faults) {
	switch {
	case a.Username == "":
		faults.Add("basic_auth.username", "", "a password needs a username")
	case strings.ContainsFunc(a.Username, func(r rune) bool { return r == ':' || r < ' ' || r == 0x7f }):
		faults.Add("basic_auth.username", a.Username, "a username has neither colons nor control characters")
	default:
		a.setHeader(header)
	}
}

func (a basicAuth) setHeader(header http.Header) {
	credentials := base64.StdEncoding.EncodeToString([]byte(a.Username + ":" + a.Password))
	header.Set("Authorization", "Basic "+credentials)
}
