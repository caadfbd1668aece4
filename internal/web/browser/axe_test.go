package browser

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A violation is something on a page that keeps people out.
type violation struct {
	ID     string
	Impact string
	Help   string
	Nodes  []struct {
		HTML           string
		FailureSummary string
	}
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n    %.300s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
	}
	return b.String()
}

// axe fails the test for each violation that axe-core finds on the page, in the
// light, and in the dark, where nothing but the colours differs.
func (p *tab) axe() {
	p.Helper()
	p.theme("dark")
	p.refuse("dark", p.violations("color-contrast", "link-in-text-block"))
	p.theme("light")
	p.refuse("light", p.violations())
}

// refuse fails the test for violations.
func (p *tab) refuse(as string, found []violation) {
	p.Helper()
	for _, v := range found {
		p.Errorf("%s, %s: %s", p.here(), as, v)
	}
}

// forEverybody checks that a page can be used in the light and in the dark, on a
// desk and on a phone, and keeps pictures of it: NAME, NAME-dark, NAME-phone.
func (p *tab) forEverybody(name string) {
	p.Helper()
	p.theme("light")
	p.phone()
	p.fits()
	p.refuse("on a phone", p.violations())
	p.screenshot(name + "-phone")
	p.desk()
	p.fits()
	p.axe()
	p.screenshot(name)
	p.theme("dark")
	p.screenshot(name + "-dark")
	p.theme("light")
}

// violations has axe-core look at the page as it is, by some of its rules or by
// all.
func (p *tab) violations(rules ...string) []violation {
	p.Helper()
	source, err := axeSource()
	if err != nil {
		p.Fatal(err)
	}
	options := `{resultTypes: ["violations"]`
	if len(rules) > 0 {
		options += `, runOnly: ` + quoted(rules)
	}
	var text string
	p.eval(`if (!window.axe) {`+source+`}; axe.run(document, `+options+`}).then((found) => JSON.stringify(found.violations))`, &text)
	var found []violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		p.Fatal(err)
	}
	return found
}
