package main

import (
	"fmt"
	"strings"
)

const header = `Server Scout
Copyright 2026 The Server Scout Authors

Server Scout is licensed under the Apache License, Version 2.0; see LICENSE.
The binary also contains the software listed here, under the licences named.
Their texts follow the list, each once; that of Apache-2.0 is in LICENSE.

This file is generated: "make notice" writes it anew.
`

const ruler = "------------------------------------------------------------------------"

// render writes the whole file. Equal components give equal text.
func render(components []component) string {
	var out strings.Builder
	out.WriteString(header)
	var texts termsList
	for _, c := range components {
		fmt.Fprintf(&out, "\n%s\n\n%s\n", ruler, c.name)
		for _, l := range c.licences {
			fmt.Fprintf(&out, "  %s (%s)\n", l.name, texts.reference(l.terms))
			for _, line := range l.copyright {
				fmt.Fprintf(&out, "  %s\n", line)
			}
		}
		if c.notice != "" {
			fmt.Fprintf(&out, "\n  Its NOTICE:\n%s", indent(c.notice))
		}
	}
	for i, text := range texts.texts {
		fmt.Fprintf(&out, "\n%s\n\nText %d\n\n%s\n", ruler, i+1, text)
	}
	return out.String()
}

// termsList numbers licence texts in the order of their first use. Texts that
// differ only in their white space are one. The zero value is an empty list.
type termsList struct {
	texts []string
	known map[string]int // text with single spaces → its number
}

// reference says where a text is found. The empty text is that of Apache-2.0.
func (t *termsList) reference(text string) string {
	if text == "" {
		return "see LICENSE"
	}
	flat := strings.Join(strings.Fields(text), " ")
	number, ok := t.known[flat]
	if !ok {
		t.texts = append(t.texts, text)
		number = len(t.texts)
		if t.known == nil {
			t.known = map[string]int{}
		}
		t.known[flat] = number
	}
	return fmt.Sprintf("text %d", number)
}

func indent(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.TrimRight("    "+strings.TrimRight(line, "\r\n"), " ") + "\n")
	}
	return out.String()
}
