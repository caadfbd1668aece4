package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"serverscout/internal/app/terminal"
)

// Shells complete by asking the program itself: scout __complete gets the words
// of the line and prints what the last of them may become. So completion knows
// every command and flag there is, and the names on the server.

//go:embed completion
var completionScripts embed.FS

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

// Help is printed below the flags.
func (completionCmd) Help() string {
	return `To complete in every new shell:

    bash: echo 'source <(scout completion bash)' >> ~/.bashrc
    zsh:  scout completion zsh > a folder of $fpath, as _scout
    fish: scout completion fish > ~/.config/fish/completions/scout.fish

Names of servers, checks, webhooks and accounts complete where SCOUT_URL and SCOUT_TOKEN are set.`
}

// Run prints the script.
func (c completionCmd) Run(s *terminal.Screen) error {
	text, err := completionScripts.ReadFile("completion/scout." + c.Shell)
	if err != nil {
		return fmt.Errorf("reading the script: %w", err)
	}
	_, err = s.Out.Write(text)
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" help:"The words after scout; the last one is completed."`
}

// namesTimeout is how long completion waits for a server's names.
const namesTimeout = 2 * time.Second

// Run prints what the last word may become, one a line.
func (c completeCmd) Run(k *kong.Context, s *terminal.Screen) error {
	ctx, cancel := context.WithTimeout(context.Background(), namesTimeout)
	defer cancel()
	offered := completions(k.Model.Node, c.Words, func(source string) []string {
		return terminal.Names(ctx, source, os.Getenv)
	})
	for _, word := range offered {
		if _, err := fmt.Fprintln(s.Out, word); err != nil {
			return err
		}
	}
	return nil
}

// completions lists what the last of words may become. Names knows what a
// source, such as "server", offers.
func completions(root *kong.Node, words []string, names func(source string) []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	l := readLine(root, words[:len(words)-1])
	last := words[len(words)-1]
	flag, value, assigned := strings.Cut(last, "=")
	switch {
	case l.awaited != nil:
		return beginning(last, offers(l.awaited.Value, last, names))
	case assigned && l.flag(flag) != nil:
		found := beginning(value, offers(l.flag(flag).Value, value, names))
		for i := range found {
			found[i] = flag + "=" + found[i]
		}
		return found
	case strings.HasPrefix(last, "-"):
		return beginning(last, l.flagNames())
	case len(l.node.Children) > 0:
		return beginning(last, commandNames(l.node))
	case l.arguments < len(l.node.Positional):
		return beginning(last, offers(l.node.Positional[l.arguments], last, names))
	default:
		return nil
	}
}

// commandLine is a line as far as it was read.
type commandLine struct {
	node      *kong.Node
	arguments int        // positional ones so far
	awaited   *kong.Flag // not nil: its value comes next
}

// readLine reads whole words.
func readLine(root *kong.Node, words []string) commandLine {
	l := commandLine{node: root}
	for _, word := range words {
		name, _, assigned := strings.Cut(word, "=")
		f := l.flag(name)
		child := slices.IndexFunc(l.node.Children, func(n *kong.Node) bool { return n.Name == word })
		switch {
		case l.awaited != nil:
			l.awaited = nil
		case f != nil:
			if !assigned && !f.IsBool() {
				l.awaited = f
			}
		case child >= 0:
			l.node = l.node.Children[child]
		default:
			l.arguments++
		}
	}
	return l
}

// flag returns the flag of a word such as --limit; nil if there is none.
func (l commandLine) flag(word string) *kong.Flag {
	for _, group := range l.node.AllFlags(true) {
		for _, f := range group {
			if word == "--"+f.Name {
				return f
			}
		}
	}
	return nil
}

func (l commandLine) flagNames() []string {
	var list []string
	for _, group := range l.node.AllFlags(true) {
		for _, f := range group {
			list = append(list, "--"+f.Name)
		}
	}
	return list
}

func commandNames(n *kong.Node) []string {
	var list []string
	for _, child := range n.Children {
		if !child.Hidden {
			list = append(list, child.Name)
		}
	}
	return list
}

// offers lists the values of a flag or an argument: its enum, the words of its
// tag "complete", what that names as a source, or files.
func offers(v *kong.Value, text string, names func(string) []string) []string {
	words := v.Tag.Get("complete")
	source, isSource := strings.CutPrefix(words, "@")
	switch {
	case v.Enum != "":
		return v.EnumSlice()
	case isSource:
		return names(source)
	case words != "":
		return strings.Split(words, ",")
	case v.Tag.Type == "path":
		return files(text)
	default:
		return nil
	}
}

// files lists the files whose path begins with text; folders end in a slash.
func files(text string) []string {
	dir, _ := filepath.Split(text)
	entries, err := os.ReadDir(filepath.Clean("./" + dir))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil // there is nothing to offer
	}
	var list []string
	for _, e := range entries {
		path := dir + e.Name()
		if e.IsDir() {
			path += "/"
		}
		list = append(list, path)
	}
	return list
}

// beginning lists the words that begin with text, sorted.
func beginning(text string, words []string) []string {
	var list []string
	for _, word := range words {
		if strings.HasPrefix(word, text) {
			list = append(list, word)
		}
	}
	slices.Sort(list)
	return list
}
