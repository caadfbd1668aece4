package browser

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test may take in all. It is no measure of speed: the
// race detector and other tests run beside it.
const patience = 5 * time.Minute

// A site is a dashboard to look at.
type site struct {
	base   string     // where it lies, such as http://127.0.0.1:8080 or http://127.0.0.1:8080/scout
	signIn func(*tab) // what a new tab does first; nil: nothing
}

// A tab shows one page at a time. Its cookies are its own. It is used by one
// test alone.
type tab struct {
	*testing.T
	base   string
	ctx    context.Context
	width  int64
	faults *faults
}

// How large a tab is.
const (
	deskWidth  = 1280
	phoneWidth = 390
	height     = 900
)

// faults are what a tab did that no page may do.
type faults struct {
	mu   sync.Mutex
	list []string
}

func (f *faults) add(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, text)
}

// tab opens a tab and signs in. It is closed after the test.
func (s site) tab(t *testing.T) *tab {
	t.Helper()
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := b.window(t)
	if err != nil {
		t.Fatal(err)
	}
	p := &tab{T: t, base: strings.TrimSuffix(s.base, "/"), ctx: ctx, faults: &faults{}}
	chromedp.ListenTarget(ctx, p.watch)
	t.Cleanup(p.judge)
	p.desk()
	if s.signIn != nil {
		s.signIn(p)
	}
	return p
}

// watch notes what no page may do.
func (p *tab) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.faults.add("it throws: " + e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork { // an answer of 404 is no fault
			p.faults.add("it complains: " + e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if !p.own(e.Request.URL) {
			p.faults.add("it asks for something from elsewhere: " + e.Request.URL)
		}
	}
}

// own reports whether an address is the dashboard's own. Of a page without an
// icon the browser itself asks for one at the root of the host.
func (p *tab) own(address string) bool {
	at, err := url.Parse(address)
	if err != nil {
		return false
	}
	return at.Scheme == "data" || strings.HasPrefix(address, p.base+"/") ||
		at.Path == "/favicon.ico" && strings.HasPrefix(p.base+"/", at.Scheme+"://"+at.Host+"/")
}

// judge fails the test for what its pages did.
func (p *tab) judge() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for _, fault := range p.faults.list {
		p.Errorf("a page of this test did what none may: %s", fault)
	}
}

// do has the browser do something, which must succeed.
func (p *tab) do(actions ...chromedp.Action) {
	p.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

// open goes to a page, by its path below the base, and returns the status of
// the answer.
func (p *tab) open(path string) int64 {
	p.Helper()
	return p.arrive(chromedp.Navigate(p.base + "/" + strings.TrimPrefix(path, "/")))
}

// arrive does something that leads to another page, and returns the status of
// that page once it has been loaded.
func (p *tab) arrive(action chromedp.Action) int64 {
	p.Helper()
	answer, err := chromedp.RunResponse(p.ctx, action)
	if err != nil {
		p.Fatal(err)
	}
	if answer == nil {
		return 0 // from the browser's own memory
	}
	return answer.Status
}

// click clicks what a selector finds first, which stays on the page.
func (p *tab) click(selector string) {
	p.Helper()
	p.do(chromedp.Click(selector, chromedp.ByQuery))
}

// follow clicks what leads to another page, and waits for that.
func (p *tab) follow(selector string) int64 {
	p.Helper()
	return p.arrive(chromedp.Click(selector, chromedp.ByQuery))
}

// back goes to the page before.
func (p *tab) back() {
	p.Helper()
	p.arrive(chromedp.NavigateBack())
}

// fill puts a value into a field as if it had been typed, or chosen.
func (p *tab) fill(selector, value string) {
	p.Helper()
	p.eval(`{
		const field = document.querySelector(`+quoted(selector)+`);
		field.focus();
		field.value = `+quoted(value)+`;
		for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {bubbles: true}));
	}`, nil)
}

// press presses keys where the focus is.
func (p *tab) press(keys string) {
	p.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// text is what an element says, without space around it.
func (p *tab) text(selector string) string {
	p.Helper()
	var text string
	p.do(chromedp.Text(selector, &text, chromedp.ByQuery))
	return strings.TrimSpace(text)
}

// value is what a field holds.
func (p *tab) value(selector string) string {
	p.Helper()
	var value string
	p.do(chromedp.Value(selector, &value, chromedp.ByQuery))
	return value
}

// count is how many elements a selector finds.
func (p *tab) count(selector string) int {
	p.Helper()
	var n int
	p.eval("document.querySelectorAll("+quoted(selector)+").length", &n)
	return n
}

// here is the address of the page, below the base.
func (p *tab) here() string {
	p.Helper()
	var address string
	p.do(chromedp.Location(&address))
	return strings.TrimPrefix(address, p.base+"/")
}

// eval evaluates an expression in the page, and waits for it if it is a promise.
func (p *tab) eval(expression string, into any) {
	p.Helper()
	wait := func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }
	p.do(chromedp.Evaluate(expression, into, wait))
}

// quoted writes a text, or a list of texts, as JavaScript does.
func quoted[T string | []string](text T) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // every text can be written
	}
	return string(b)
}

// waitFor waits until a condition, which is an expression, is true of the page.
// It looks again whenever the page changes.
func (p *tab) waitFor(condition string) {
	p.Helper()
	var ok bool
	p.eval(`new Promise((done) => {
		const look = () => { if (`+condition+`) { watcher.disconnect(); done(true); } };
		const watcher = new MutationObserver(look);
		watcher.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
		look();
	})`, &ok)
}

// waitText waits until an element says a text.
func (p *tab) waitText(selector, text string) {
	p.Helper()
	p.waitFor("document.querySelector(" + quoted(selector) + ")?.innerText.includes(" + quoted(text) + ")")
}

// withoutScript switches JavaScript off, for the pages that are opened next.
func (p *tab) withoutScript() {
	p.Helper()
	p.do(emulation.SetScriptExecutionDisabled(true))
}

// desk makes the tab as wide as on a desk, as it is at first.
func (p *tab) desk() {
	p.Helper()
	p.width = deskWidth
	p.resize(height)
}

// phone makes the tab as wide as a phone.
func (p *tab) phone() {
	p.Helper()
	p.width = phoneWidth
	p.resize(height)
}

func (p *tab) resize(height int64) {
	p.Helper()
	options := []chromedp.EmulateViewportOption{}
	if p.width == phoneWidth {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	p.do(chromedp.EmulateViewport(p.width, height, options...))
}

// theme has the system ask for light or dark.
func (p *tab) theme(name string) {
	p.Helper()
	p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}))
}

// fits fails the test if the page can be scrolled sideways.
func (p *tab) fits() {
	p.Helper()
	var over int
	p.eval("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth", &over)
	if over > 0 {
		p.Errorf("%s is %d pixels wider than the screen", p.here(), over)
	}
}

// screenshot keeps a picture of the whole page, as NAME.png in the folder that
// SCOUT_SCREENS names.
func (p *tab) screenshot(name string) {
	p.Helper()
	dir, err := screens()
	if err != nil {
		p.Fatal(err)
	}
	if dir == "" {
		dir = p.TempDir()
	}
	// The tab becomes as high as its page, so that what keeps to the edges of
	// the screen stands at those of the picture.
	var whole int64
	p.eval("document.scrollingElement.scrollHeight", &whole)
	var picture []byte
	p.resize(max(whole, height))
	p.do(chromedp.CaptureScreenshot(&picture))
	p.resize(height)
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		p.Fatal(err)
	}
}
