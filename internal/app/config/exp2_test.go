package config

import (
	"fmt"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"strings"
	"testing"
	"time"
)

func TestBig(t *testing.T) {
	for _, n := range []int{100, 1000} {
		var b strings.Builder
		b.WriteString("servers:\n")
		for i := range n {
			fmt.Fprintf(&b, "  - name: s%d\n    ip: 10.0.0.1\n    tags: [a, b]\n    checks:\n", i)
			for j := range 20 {
				fmt.Fprintf(&b, "      - name: c%d\n        kind: http\n        interval: 60s\n        timeout: 10s\n        fail_after: 3\n", j)
			}
		}
		st := time.Now()
		lexer.Tokenize(b.String())
		fmt.Println("lex", b.Len(), time.Since(st))
		st = time.Now()
		_, err := parser.ParseBytes([]byte(b.String()), 0, parser.AllowDuplicateMapKey())
		fmt.Println("parse", time.Since(st), err)
	}
	for _, n := range []int{10000, 20000} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "k%d: v\n", i)
		}
		st := time.Now()
		tk := lexer.Tokenize(b.String())
		fmt.Println("lex", b.Len(), time.Since(st))
		st = time.Now()
		parser.CreateGroupedTokens(tk)
		fmt.Println("group", time.Since(st))
		st = time.Now()
		parser.Parse(tk, 0)
		fmt.Println("parse", time.Since(st))
	}
	st := time.Now()
	for _, s := range []string{strings.Repeat("- ", 50000) + "a", strings.Repeat("[", 50000)} {
		lexer.Tokenize(s)
		fmt.Println("lex", time.Since(st))
	}
}
