package scout

import (
	"fmt"
	"strings"
	"unicode"
)

// Curl is the shell command that sends a recorded request again; "" for what
// is no request. Where the record masks a secret stands a variable, and a
// comment says of each what it is; so it does of what the record does not hold.
func (e Exchange) Curl() string {
	if e.Line == "" {
		return ""
	}
	var c command
	method, address, _ := strings.Cut(e.Line, " ")
	c.add("curl --globoff --request", method, "")
	c.add("--url", address, "in the URL")
	for _, h := range e.Header {
		c.addHeader(h[0], h[1])
	}
	if e.Body != "" {
		c.add("--data-raw", e.Body, "in the body")
	}
	if e.Truncated {
		c.note("The body goes on: the record holds only its beginning.")
	}
	return c.String()
}

// command is a shell command while it is written.
type command struct {
	notes   []string
	words   []string
	secrets int
}

// note adds a comment. Text from a record must not end it: what follows would
// be a command.
func (c *command) note(format string, args ...any) {
	c.notes = append(c.notes, strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, fmt.Sprintf(format, args...)))
}

// add adds an option with its argument. Where says in which part of the
// request the argument's secrets are.
func (c *command) add(option, argument, where string) {
	c.words = append(c.words, option+" "+c.quote(argument, where))
}

// addHeader adds a header field, unless it cannot be repeated.
func (c *command) addHeader(name, value string) {
	switch {
	case strings.EqualFold(name, "Webhook-Signature"):
		c.note("Webhook-Signature is left out: it holds for the recorded request alone, and making one takes the signing secret.")
	case name == "…":
		c.note("There were more headers: the record holds only these.")
	case value == "":
		c.add("--header", name+";", "") // curl's way to send a field without a value
	default:
		c.add("--header", name+": "+value, "in the header "+name)
	}
}

// quote writes an argument so that a shell reads it as it is, with a variable
// in place of each secret.
func (c *command) quote(argument, where string) string {
	var b strings.Builder
	for i, part := range strings.Split(argument, Masked) {
		if i > 0 {
			c.secrets++
			c.note("SECRET_%d: %s", c.secrets, where)
			fmt.Fprintf(&b, `"$SECRET_%d"`, c.secrets)
		}
		if part != "" {
			b.WriteString(quoted(part))
		}
	}
	if b.Len() == 0 {
		return "''"
	}
	return b.String()
}

// quoted puts text into single quotes, inside which a shell reads everything
// but the quote itself as it is.
func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// String returns the notes as comments, and the command below them.
func (c *command) String() string {
	var b strings.Builder
	if c.secrets > 0 {
		b.WriteString("# Set these variables first, they were masked in the record:\n")
	}
	for _, n := range c.notes {
		b.WriteString("# " + n + "\n")
	}
	b.WriteString(strings.Join(c.words, " \\\n  ") + "\n")
	return b.String()
}
