package integration

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"serverscout/internal/scout"
)

// autoFormat is what a webhook carries whose format follows from its URL.
const autoFormat = "auto"

// Format is one way to tell a notice. Only Render is required.
type Format struct {
	scout.FormatMeta

	// Recognise reports whether a pasted URL is this target's. Nil: never.
	Recognise func(u *url.URL) bool

	// MaskURL returns the form of u that may be shown, without its
	// credential. Nil: the default masking of DisplayURL.
	MaskURL func(u *url.URL) string

	// Validate judges a target before it is stored, beyond what the metadata
	// says of each setting alone. The error is an Invalid *scout.Error whose
	// fields are a webhook's keys. Nil: nothing more to ask for.
	Validate func(t Target) error

	// Render writes the request for a notice. It fails only where the format
	// cannot express the notice at all: what is too long is cut, what is
	// missing is left out. The error names no credential.
	Render func(n scout.Notice, t Target) (scout.Request, error)

	// Classify reads the target's own words. False, or nil: the general
	// rules decide.
	Classify func(r scout.Response) (scout.Verdict, bool)

	// Preview reads back from a body that Render wrote how the target lays the
	// message out. Nil: the target shows the body as it is.
	Preview func(body []byte) (Preview, error)
}

// Target is where a notice goes: the webhook's URL whole, with its
// credentials, the format's own settings, and the webhook's custom headers,
// which some targets' users keep the credential in.
type Target struct {
	URL      string
	Settings scout.Settings
	Headers  []scout.Header
}

// header returns the value of a custom header, "" if there is none.
func (t Target) header(name string) string {
	for _, h := range t.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value.Reveal()
		}
	}
	return ""
}

// registered holds every format by name. It is written by the init functions
// of the formats' files and only read afterwards.
var registered = map[string]Format{}

// register adds a format. A name that is empty, taken or reserved is a mistake
// in this package and stops the program at its start.
func register(f Format) {
	if _, taken := registered[f.Name]; taken || f.Name == "" || f.Name == autoFormat {
		panic("integration: bad or repeated format name " + f.Name)
	}
	registered[f.Name] = f
}

// Formats lists the known formats, sorted by name.
func Formats() []Format {
	list := make([]Format, 0, len(registered))
	for _, name := range slices.Sorted(maps.Keys(registered)) {
		list = append(list, registered[name])
	}
	return list
}

// Lookup returns the format of that name. "auto" is not a format.
func Lookup(name string) (Format, bool) {
	f, ok := registered[name]
	return f, ok
}

// Recognise returns the format whose target the URL belongs to, and native
// where no other recognises it, also for text that is not a URL.
func Recognise(rawURL string) Format {
	u, err := url.Parse(rawURL)
	if err != nil {
		return registered[nativeName]
	}
	return recognise(u)
}

func recognise(u *url.URL) Format {
	for _, f := range Formats() {
		if f.Recognise != nil && f.Recognise(u) {
			return f
		}
	}
	return registered[nativeName]
}

// Resolve returns the format a webhook's setting stands for: "auto" or nothing
// follows the URL, any other word is a format's name. A word that is none
// gives an Invalid error that lists the formats there are.
func Resolve(format, rawURL string) (Format, error) {
	if format == "" || format == autoFormat {
		return Recognise(rawURL), nil
	}
	if f, ok := Lookup(format); ok {
		return f, nil
	}
	return Format{}, scout.Errorf(scout.Invalid, "%q is not a format: use %s", scout.Shorten(format, 80), formatNames())
}

// formatNames lists what a webhook's format may be, as a phrase.
func formatNames() string {
	names := append([]string{autoFormat}, slices.Sorted(maps.Keys(registered))...)
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
