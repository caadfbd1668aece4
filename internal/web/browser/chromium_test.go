// Package browser drives the dashboard with a real Chromium, as a person does:
// it clicks, types, reads, and looks with JavaScript off, on a phone, in the
// dark, and with axe-core for those who cannot see. It has test files only.
//
// A test makes a site, which says where a dashboard is and how one signs in,
// and opens tabs of it. A tab fails its test by itself when the page throws,
// breaks the Content-Security-Policy or asks for anything from elsewhere. What
// the tests need is installed by `make browser`; where it is missing they fail.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if b, err := chromium(); err == nil {
		err = b.close()
		if err == nil {
			err = goleak.Find()
		}
		if err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, "after the tests:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// process is the browser that all tests of the package share.
type process struct {
	ctx   context.Context
	close func() error
}

// chromium starts the browser, once.
var chromium = sync.OnceValues(start)

func start() (*process, error) {
	path, err := executable()
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	allocator, release := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.WindowSize(1280, 900),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("headless", "new"),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), // which containers keep small
		// One test's page must not be put to sleep because another's is in front.
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("lang", "en-US"),
	)
	ctx, cancel := chromedp.NewContext(allocator)
	b := &process{ctx: ctx, close: func() error {
		err := chromedp.Cancel(ctx) // waits until the browser has ended
		cancel()
		release()
		return errors.Join(err, os.RemoveAll(profile))
	}}
	if err := chromedp.Run(ctx); err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, errors.Join(err, b.close()))
	}
	return b, nil
}

// window opens a window with cookies of its own, for a test that ends in time.
// chromedp's own way opens a tab, which needs a window to be in.
func (b *process) window(t *testing.T) (context.Context, error) {
	own := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser)
	jar, err := target.CreateBrowserContext().Do(own)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := target.DisposeBrowserContext(jar).Do(own); err != nil {
			t.Errorf("closing the window: %v", err)
		}
	})
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(jar).WithNewWindow(true).Do(own)
	if err != nil {
		return nil, err
	}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, patience)
	t.Cleanup(stop)
	return ctx, nil
}

// executable finds the browser: what CHROMIUM names, or Debian's.
func executable() (string, error) {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium: run make browser, or name one in the variable CHROMIUM")
}

// axeSource is the text of axe-core, which finds what a page does wrong by those
// who cannot see it, or cannot use a mouse: from the file that AXE_CORE names,
// or as `make browser` has put it.
var axeSource = sync.OnceValues(func() (string, error) {
	path := os.Getenv("AXE_CORE")
	if path == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		path = filepath.Join(root, ".cache", "axe", "node_modules", "axe-core", "axe.min.js")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("there is no axe-core: run make browser, or name its axe.min.js in the variable AXE_CORE: %w", err)
	}
	return string(text), nil
})

// moduleRoot is the folder of go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("the tests do not run inside the module")
		}
		dir = above
	}
}

// screens is the folder in which pictures of pages are kept: what SCOUT_SCREENS
// names, or one that is gone after the tests.
var screens = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("SCOUT_SCREENS"); dir != "" {
		return dir, os.MkdirAll(dir, 0o755)
	}
	return "", nil
})
