package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"serverscout/internal/app/config"
)

// The tests in this file hold what packages the program against the program:
// commands, flags, variables, paths and ports that Dockerfile, compose.yaml,
// the systemd unit and docs/install.md name.

// top is the folder of the repository.
const top = "../.."

// longestStop is how long the program may take to stop: what requests under
// way get, and a moment for the data.
const longestStop = 20 * time.Second

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parser is the command line's.
func parser(t *testing.T) *kong.Kong {
	t.Helper()
	p, err := kong.New(&flags{}, kong.Name("scout"), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustParse fails the test unless the words after scout are a command line.
func mustParse(t *testing.T, where string, words []string) {
	t.Helper()
	if _, err := parser(t).Parse(words); err != nil {
		t.Errorf("%s runs scout %s: %v", where, strings.Join(words, " "), err)
	}
}

// variables lists those that the program heeds.
func variables(t *testing.T) []string {
	t.Helper()
	list := []string{"SCOUT_SECRET_KEY"} // the data folder's
	_, err := config.Load(config.Flags{Data: "data"}, func(name string) (string, bool) {
		list = append(list, name)
		return "", false
	})
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			list = append(list, f.Envs...)
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(parser(t).Model.Node)
	return list
}

var variableForm = regexp.MustCompile(`\bSCOUT_[A-Z_]+\b`)

func TestPackagingNamesKnownVariables(t *testing.T) {
	t.Parallel()
	known := variables(t)
	for _, file := range []string{"Dockerfile", "compose.yaml", "packaging/scout.service", "docs/install.md", "scout.example.yaml"} {
		for _, name := range variableForm.FindAllString(read(t, file), -1) {
			if !slices.Contains(known, name) {
				t.Errorf("%s names %s, which the program does not heed", file, name)
			}
		}
	}
}

// instructions reads a Dockerfile: what stands behind each instruction, of its
// stages in turn.
func instructions(t *testing.T) []map[string][]string {
	t.Helper()
	var stages []map[string][]string
	text := strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", " ")
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if word == "FROM" {
			stages = append(stages, map[string][]string{})
		}
		stage := stages[len(stages)-1]
		stage[word] = append(stage[word], strings.TrimSpace(rest))
	}
	if len(stages) != 2 {
		t.Fatalf("the Dockerfile has %d stages, want 2", len(stages))
	}
	return stages
}

// words reads the JSON list of an instruction.
func words(t *testing.T, text string) []string {
	t.Helper()
	var list []string
	if err := json.Unmarshal([]byte(text[strings.Index(text, "["):]), &list); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return list
}

func TestDockerfileBuilds(t *testing.T) {
	t.Parallel()
	build := instructions(t)[0]
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if version == nil || !strings.Contains(build["FROM"][0], "golang:"+version[1]+" ") {
		t.Errorf("it builds from %q, and go.mod asks for Go %v", build["FROM"], version)
	}
	command := strings.Join(build["RUN"], "\n")
	for _, part := range []string{"CGO_ENABLED=0", "-X main.version=$VERSION", "./cmd/scout"} {
		if !strings.Contains(command, part) {
			t.Errorf("the build lacks %s", part)
		}
	}
	let := strings.Split(read(t, ".dockerignore"), "\n")
	for _, stage := range instructions(t) {
		for _, copied := range stage["COPY"] {
			if strings.Contains(copied, "--from=") {
				continue
			}
			sources := strings.Fields(copied)
			for _, source := range sources[:len(sources)-1] {
				if _, err := os.Stat(filepath.Join(top, source)); err != nil || !slices.Contains(let, "!"+source) {
					t.Errorf("%s is copied, and is not there (%v) or left out by .dockerignore", source, err)
				}
			}
		}
	}
}

func TestDockerfileRuns(t *testing.T) {
	t.Parallel()
	image := instructions(t)[1]
	if image["FROM"][0] != "scratch" || len(image["RUN"]) > 0 {
		t.Errorf("the image is from %v", image["FROM"])
	}
	user, _, _ := strings.Cut(image["USER"][0], ":")
	if id, err := strconv.Atoi(user); err != nil || id == 0 {
		t.Errorf("the user is %q: without /etc/passwd it must be a number, and not root's", image["USER"])
	}
	entry := words(t, image["ENTRYPOINT"][0])
	health := words(t, image["HEALTHCHECK"][0])
	if len(entry) != 1 || health[0] != entry[0] || !slices.ContainsFunc(image["COPY"], func(c string) bool { return strings.HasSuffix(c, " "+entry[0]) }) {
		t.Errorf("it runs %v, and its health check %v", entry, health)
	}
	mustParse(t, "CMD", words(t, image["CMD"][0]))
	mustParse(t, "HEALTHCHECK", health[1:])
	c, err := config.Load(config.Flags{}, environmentOf(image["ENV"]))
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port != image["EXPOSE"][0] || c.Data != image["VOLUME"][0] {
		t.Errorf("it listens on %s and keeps its data in %s; %v and %v are exposed", c.Listen, c.Data, image["EXPOSE"], image["VOLUME"])
	}
}

// environmentOf looks variables up in lines of ENV.
func environmentOf(lines []string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, assigned := range strings.Fields(strings.Join(lines, " ")) {
			if value, ok := strings.CutPrefix(assigned, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

func TestCompose(t *testing.T) {
	t.Parallel()
	type service struct {
		Build       struct{ Args map[string]string }
		Ports       []string
		Environment map[string]string
		Volumes     []string
		ReadOnly    bool          `yaml:"read_only"`
		CapDrop     []string      `yaml:"cap_drop"`
		SecurityOpt []string      `yaml:"security_opt"`
		StopGrace   time.Duration `yaml:"stop_grace_period"`
		Restart     string
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	s, ok := file.Services["scout"]
	if !ok || len(file.Services) != 1 {
		t.Fatalf("the services are %v", file.Services)
	}
	image := instructions(t)[1]
	for argument := range s.Build.Args {
		if !slices.ContainsFunc(image["ARG"], func(a string) bool { return strings.HasPrefix(a, argument+"=") }) {
			t.Errorf("the image has no argument %s", argument)
		}
	}
	for _, port := range s.Ports {
		if !strings.HasSuffix(port, ":"+image["EXPOSE"][0]) {
			t.Errorf("the port %s leads nowhere", port)
		}
	}
	volume, path, _ := strings.Cut(s.Volumes[0], ":")
	if _, declared := file.Volumes[volume]; !declared || path != image["VOLUME"][0] {
		t.Errorf("the volume %s is not declared, or is not the image's", s.Volumes[0])
	}
	if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
		t.Errorf("it may do more than it needs: %+v", s)
	}
	if s.StopGrace < longestStop || s.Restart != "unless-stopped" {
		t.Errorf("it is stopped after %s and restarts %s", s.StopGrace, s.Restart)
	}
	if _, err := config.Load(config.Flags{Data: "/data"}, func(name string) (string, bool) { v, ok := s.Environment[name]; return v, ok }); err != nil {
		t.Error(err)
	}
}

func TestUnit(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for line := range strings.Lines(read(t, "packaging/scout.service")) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			keys[key] = value
		}
	}
	command := strings.Fields(keys["ExecStart"])
	mustParse(t, "ExecStart", command[1:])
	if !strings.Contains(read(t, "docs/install.md"), " "+command[0]+"\n") {
		t.Errorf("docs/install.md does not install %s", command[0])
	}
	if data := "/var/lib/" + keys["StateDirectory"]; !slices.Contains(command, data) {
		t.Errorf("ExecStart does not keep its data in %s, all that it may write to", data)
	}
	stop, err := strconv.Atoi(keys["TimeoutStopSec"])
	if err != nil || time.Duration(stop)*time.Second < longestStop {
		t.Errorf("TimeoutStopSec=%s", keys["TimeoutStopSec"])
	}
	if keys["ExecReload"] != "/bin/kill -HUP $MAINPID" || keys["User"] != "scout" || keys["ProtectSystem"] != "strict" {
		t.Errorf("it has %v", keys)
	}
}

var (
	shownCommand = regexp.MustCompile(`(?m)^(?:sudo -u scout |docker exec scout /|docker compose exec scout /)?scout ([a-z][^#\n]*)`)
	shownConfig  = regexp.MustCompile("(?s)```yaml\n(.*?)```")
)

// TestInstallDocument runs no command, but reads each as the program would.
func TestInstallDocument(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/install.md")
	commands := shownCommand.FindAllStringSubmatch(text, -1)
	if len(commands) < 6 {
		t.Errorf("only %d commands are found", len(commands))
	}
	for _, c := range commands {
		mustParse(t, "docs/install.md", strings.Fields(c[1]))
	}
	dir := t.TempDir()
	for _, name := range []string{"scout.pem", "scout.key"} {
		if err := os.Symlink(filepath.Join(dir, "both.pem"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	writeCertificate(t, filepath.Join(dir, "both.pem"))
	checked := 0
	for _, snippet := range shownConfig.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(snippet[1], "labels:") {
			continue // of compose.yaml
		}
		checked++
		file := filepath.Join(dir, "scout.yaml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(snippet[1], "/etc/scout/", dir+"/")), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Check(file, func(string) (string, bool) { return "/home/ada", true }); err != nil {
			t.Errorf("docs/install.md shows a configuration that is not valid: %v", err)
		}
	}
	if checked != 2 {
		t.Errorf("%d configurations are found, want 2", checked)
	}
}
