package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// component is something linked into the binary: a module, or Go itself.
type component struct {
	name     string // module path and version
	licences []licence
	notice   string // the text of its own NOTICE; "" for none
}

// module is what is needed of `go list`'s description of one.
type module struct {
	Path    string
	Version string
	Dir     string
	Main    bool
}

// ignored are files named like a licence that do not license what is linked.
var ignored = map[string]string{
	"modernc.org/memory/LICENSE-LOGO":         "where its logo comes from; no picture is linked",
	"modernc.org/sqlite/LICENSE-3RD-PARTY.md": "lists its dependencies and test data; what of these is linked has an entry of its own",
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([-_.].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notice(\.txt|\.md)?$`)
)

// linked lists what the packages link, Go itself first, then the modules by
// path.
func linked(patterns []string) ([]component, error) {
	golang, err := goItself()
	if err != nil {
		return nil, err
	}
	packages, err := packagesByModule(patterns)
	if err != nil {
		return nil, err
	}
	components := []component{golang}
	byPath := func(a, b module) int { return strings.Compare(a.Path, b.Path) }
	for _, m := range slices.SortedFunc(maps.Keys(packages), byPath) {
		c, err := describe(m, packages[m])
		if err != nil {
			return nil, err
		}
		components = append(components, c)
	}
	return components, nil
}

// goItself describes the standard library and the runtime. It leaves the
// version out: any Go that builds the program must give the same file.
func goItself() (component, error) {
	root, err := goCommand("env", "GOROOT")
	if err != nil {
		return component{}, err
	}
	l, err := readLicence(filepath.Join(strings.TrimSpace(string(root)), "LICENSE"))
	return component{name: "Go standard library and runtime", licences: []licence{l}}, err
}

// packagesByModule maps each linked third-party module to the folders of its
// linked packages.
func packagesByModule(patterns []string) (map[module][]string, error) {
	out, err := goCommand(append([]string{"list", "-deps", "-json=Dir,Module", "--"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	packages := map[module][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir    string
			Module *module // nil in the standard library
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the answer of go list: %w", err)
		}
		if p.Module != nil && !p.Module.Main {
			packages[*p.Module] = append(packages[*p.Module], p.Dir)
		}
	}
}

// goCommand runs the go command for the platform that releases are built for:
// what is linked differs a little between platforms, and the file must not.
func goCommand(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// describe reads the licences that hold for the given package folders of a
// module: those beside the packages and in every folder above, up to the
// module's own.
func describe(m module, packages []string) (component, error) {
	c := component{name: m.Path + " " + m.Version}
	for _, dir := range foldersUp(m.Dir, packages) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return c, fmt.Errorf("%s: %w", m.Path, err)
		}
		for _, e := range entries {
			if err := c.read(m, filepath.Join(dir, e.Name())); err != nil {
				return c, fmt.Errorf("%s: %w", m.Path, err)
			}
		}
	}
	if len(c.licences) == 0 {
		return c, fmt.Errorf("%s has no licence file", m.Path)
	}
	return c, nil
}

// foldersUp lists the folders from each package up to the module's root,
// sorted, without repeats.
func foldersUp(root string, packages []string) []string {
	folders := map[string]bool{root: true}
	for _, dir := range packages {
		for ; len(dir) > len(root); dir = filepath.Dir(dir) {
			folders[dir] = true
		}
	}
	return slices.Sorted(maps.Keys(folders))
}

// read adds what the file says if its name is that of a licence or a notice.
func (c *component) read(m module, file string) error {
	inModule, err := filepath.Rel(m.Dir, file)
	if err != nil {
		return err
	}
	name := filepath.Base(file)
	switch {
	case ignored[m.Path+"/"+filepath.ToSlash(inModule)] != "", filepath.Ext(name) == ".go":
		return nil
	case noticeFile.MatchString(name):
		text, err := os.ReadFile(file)
		c.notice = strings.TrimSpace(c.notice + "\n\n" + string(text))
		return err
	case licenceFile.MatchString(name):
		l, err := readLicence(file)
		c.licences = append(c.licences, l)
		return err
	}
	return nil
}

func readLicence(file string) (licence, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return licence{}, err
	}
	l, err := identify(string(text))
	if err != nil {
		return licence{}, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return l, nil
}
