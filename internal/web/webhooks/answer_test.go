package webhooks_test

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// An answer is a page or a part of one, as a browser reads it.
type answer struct {
	*testing.T
	status   int
	location string
	raw      string
	root     *html.Node
}

func read(t *testing.T, w *httptest.ResponseRecorder) answer {
	t.Helper()
	root, err := html.ParseWithOptions(strings.NewReader(w.Body.String()), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	return answer{t, w.Code, w.Header().Get("Location"), w.Body.String(), root}
}

// on is an answer that a subtest looks at.
func on(t *testing.T, a answer) answer {
	a.T = t
	return a
}

// is fails the test unless the answer has a status.
func (a answer) is(status int) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d: %s", a.status, status, a.text())
	}
	return a
}

// leads fails the test unless the answer sends the reader to a path.
func (a answer) leads(path string) {
	a.Helper()
	if a.is(303); a.location != "/"+path {
		a.Errorf("leads to %q, want %q", a.location, "/"+path)
	}
}

// says fails the test unless the answer's text has all parts in it.
func (a answer) says(parts ...string) answer {
	a.Helper()
	text := a.text()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			a.Errorf("%q is not in: %s", p, text)
		}
	}
	return a
}

// hides fails the test if something is anywhere in the answer.
func (a answer) hides(parts ...string) answer {
	a.Helper()
	for _, p := range parts {
		if strings.Contains(a.raw, p) {
			a.Errorf("%q is in the page", p)
		}
	}
	return a
}

// text is what one reads, spaces run together.
func (a answer) text() string { return textOf(a.root) }

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// all are the elements of a name that have all attributes, given as name=value.
func (a answer) all(element string, attributes ...string) []*html.Node {
	var list []*html.Node
	for n := range a.root.Descendants() {
		if n.Type == html.ElementNode && (element == "*" || n.Data == element) && !slices.ContainsFunc(attributes, func(want string) bool {
			name, value, _ := strings.Cut(want, "=")
			got, ok := lookup(n, name)
			return !ok || got != value
		}) {
			list = append(list, n)
		}
	}
	return list
}

// one is the only element of its kind.
func (a answer) one(element string, attributes ...string) *html.Node {
	a.Helper()
	list := a.all(element, attributes...)
	if len(list) != 1 {
		a.Fatalf("%d elements are <%s %v> in %s", len(list), element, attributes, a.raw)
	}
	return list[0]
}

func lookup(n *html.Node, attribute string) (string, bool) {
	for _, at := range n.Attr {
		if at.Key == attribute {
			return at.Val, true
		}
	}
	return "", false
}

func attr(n *html.Node, attribute string) string {
	v, _ := lookup(n, attribute)
	return v
}

// form are the values that a browser without JavaScript would send of a form,
// the inputs outside of it that belong to it among them. Templates are not
// part of it.
func (a answer) form(id string) url.Values {
	a.Helper()
	form := a.one("form", "id="+id)
	values := url.Values{}
	for n := range a.root.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" || within(n, "template") || attr(n, "form") != id && !inside(n, form) {
			continue
		}
		switch kind := attr(n, "type"); {
		case n.Data == "textarea":
			values.Add(name, textOf(n))
		case n.Data == "select":
			values.Add(name, selected(n))
		case n.Data != "input":
		case kind == "checkbox" || kind == "radio":
			if _, on := lookup(n, "checked"); on {
				values.Add(name, attr(n, "value"))
			}
		default:
			values.Add(name, attr(n, "value"))
		}
	}
	return values
}

func selected(n *html.Node) string {
	first, found := "", false
	for o := range n.Descendants() {
		if o.Data == "option" {
			if _, on := lookup(o, "selected"); on {
				return attr(o, "value")
			}
			if !found {
				first, found = attr(o, "value"), true
			}
		}
	}
	return first
}

func within(n *html.Node, element string) bool {
	for p := range n.Ancestors() {
		if p.Data == element {
			return true
		}
	}
	return false
}

func inside(n, outer *html.Node) bool {
	for p := range n.Ancestors() {
		if p == outer {
			return true
		}
	}
	return false
}

// field is the input of a field, its error, and whether it is marked as wrong.
func (a answer) field(name string) (value, wrong string) {
	a.Helper()
	input := a.one("*", "id=field-"+name)
	value = attr(input, "value")
	if input.Data == "select" {
		value = selected(input)
	}
	if errors := a.all("span", "id="+name+"-error"); len(errors) == 1 {
		if attr(input, "aria-invalid") != "true" || attr(input, "aria-describedby") != name+"-error" {
			a.Errorf("%s has an error that is not tied to it", name)
		}
		wrong = textOf(errors[0])
	}
	return value, wrong
}
