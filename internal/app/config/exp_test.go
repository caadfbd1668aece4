package config

import (
	"fmt"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"strings"
	"testing"
	"time"
)

var _ = token.StringTag

func show(n ast.Node, d int) {
	p := strings.Repeat("  ", d)
	if n == nil {
		fmt.Println(p + "NIL")
		return
	}
	tk := n.GetToken()
	pos := "?"
	if tk != nil && tk.Position != nil {
		pos = fmt.Sprintf("%d:%d off %d %q", tk.Position.Line, tk.Position.Column, tk.Position.Offset, tk.Value)
	}
	fmt.Printf("%s%T %s", p, n, pos)
	switch n := n.(type) {
	case *ast.MappingNode:
		fmt.Println()
		for _, v := range n.Values {
			show(v, d+1)
		}
	case *ast.MappingValueNode:
		fmt.Println()
		show(n.Key, d+1)
		show(n.Value, d+1)
	case *ast.SequenceNode:
		fmt.Println()
		for _, v := range n.Values {
			show(v, d+1)
		}
	case *ast.AnchorNode:
		fmt.Println()
		show(n.Name, d+1)
		show(n.Value, d+1)
	case *ast.AliasNode:
		fmt.Println()
		show(n.Value, d+1)
	case *ast.TagNode:
		fmt.Println()
		show(n.Value, d+1)
	case *ast.MappingKeyNode:
		fmt.Println()
		show(n.Value, d+1)
	case *ast.LiteralNode:
		fmt.Printf(" %q\n", n.Value.Value)
	case ast.ScalarNode:
		fmt.Printf(" %#v\n", n.GetValue())
	default:
		fmt.Println()
	}
}
func TestX(t *testing.T) {
	for _, s := range []string{
		"listen: a\r\nb:\r\n  - x: 1\r\n    y: |\r\n      foo\r\n      bar\r\n  - \"é\": ü # c\r\n",
		"\ufefflisten: a\nlisten: b\n",
		"é: \"ab\\n\": x\n",
		"a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: 2\nf: &y [1, 0x1f, 0o17, 017, 1_000, 1.5, .inf, 99999999999999999999999, 2020-01-01, yes, ~, null, True, 1:30]\n",
		"{\"a\": [1, {\"b\": null}], \"c\": \"\\u00e9\"}",
		"a: 1\n---\nb: 2\n", "---\na: 1\n...\n", "# only\n", "", "%YAML 1.2\n---\na: 1\n",
		"a: !!str 12\nb: !foo {x: 1}\nc: !!binary aGk=\n? [a,b]\n: x\n? d\n: e\n",
		"a:\n\tb: 1\n", "a: [1,\n", "a: 'x\n", "a: b: c\n", "- a\n- b\n", "just text", "a:\nb: \n", "a: |\n  x\n   y\n\n\nb: >-\n  q\n  r\n",
		"a:\n  b: *nope\n", "a: {b: ${X}}\n", "a: ${X}\nb: [${file:/p}, c]\n", "a: \"x\n  y\"\nb:  plain\n  more\n", "<<: {a: 1}\nb: 2\n", "1: a\ntrue: b\nnull: c\n", "a: &x {b: *x}\n", "é: [ü, b]\nk: ab", "a: \"😀\" \nb: {\"😀\": c}", "---\n---\n", "...\n", "--- a\n", "\x00", "a: b\n...\nc: d\n", "a: @x\n", "a: `x`\n", "  a: 1\n b: 2\n", "a : 1", "a: 1 \n  b: 2", "a: # c\n  - b #d\n", "x: !!int \"5\"\ny: !!float 3", "x: 0b11\ny: -0x1f\nz: +5\nw: 1e3\nv: 1__0\nu: 09\n",
	} {
		fmt.Printf("=== %q\n", s)
		f, err := parser.ParseBytes([]byte(s), 0)
		if err != nil {
			fmt.Printf("ERR %T %s\n", err, err)
			continue
		}
		for i, d := range f.Docs {
			fmt.Println("doc", i)
			if d.Body != nil {
				show(d.Body, 1)
			}
		}
	}
}
func TestDeep(t *testing.T) {
	for _, c := range []struct {
		n string
		s string
	}{
		{"flow", strings.Repeat("[", 20000)}, {"flowok", strings.Repeat("[", 3000) + strings.Repeat("]", 3000)}, {"flow2", strings.Repeat("[", 6000) + strings.Repeat("]", 6000)}, {"dash", strings.Repeat("- ", 3000) + "a"}, {"dash2", strings.Repeat("- ", 6000) + "a"},
		{"wide", strings.Repeat("a: 1\n", 1) + strings.Repeat("- x\n", 0) + func() string {
			var b strings.Builder
			for i := range 50000 {
				fmt.Fprintf(&b, "k%d: v\n", i)
			}
			return b.String()
		}()},
		{"list", strings.Repeat("- x\n", 50000)}, {"list2", strings.Repeat("- x\n", 100000)}, {"long", strings.Repeat("x", 4<<20)},
		{"q", strings.Repeat("? ", 3000)}, {"tag", strings.Repeat("!a ", 3000)}, {"anc", strings.Repeat("&a ", 3000)}, {"colon", strings.Repeat("a: ", 3000)},
		{"map", func() string {
			var b strings.Builder
			for i := range 500 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}()},
		{"map2", func() string {
			var b strings.Builder
			for i := range 1000 {
				b.WriteString(strings.Repeat(" ", i) + "a:\n")
			}
			return b.String()
		}()},
	} {
		st := time.Now()
		func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Println("PANIC", r)
				}
			}()
			_, err := parser.ParseBytes([]byte(c.s), 0, parser.AllowDuplicateMapKey())
			es := fmt.Sprint(err != nil)
			fmt.Println(c.n, len(c.s), time.Since(st), es)
		}()
	}
}
