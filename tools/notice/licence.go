package main

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// family recognises one licence by phrases of its text, given in lower case
// with single spaces.
type family struct {
	name   string
	all    []string // every one of these occurs
	none   []string // none of these occurs
	shared bool     // the text is in our own LICENSE already
}

var families = []family{
	{name: "Apache-2.0", all: []string{"apache license version 2.0, january 2004"}, shared: true},
	{name: "MPL-2.0", all: []string{"mozilla public license", "version 2.0"}},
	{
		name: "BSD-2-Clause", all: []string{"redistribution and use in source and binary forms"},
		none: []string{"to endorse or promote products", "all advertising materials mentioning"},
	},
	{
		name: "BSD-3-Clause", all: []string{"redistribution and use in source and binary forms", "to endorse or promote products"},
		none: []string{"all advertising materials mentioning"},
	},
	{
		name: "MIT",
		all: []string{
			"permission is hereby granted, free of charge, to any person obtaining a copy",
			"permission notice shall be included in all copies",
		},
	},
	{
		name: "ISC",
		all: []string{
			"distribute this software for any purpose with or without fee is hereby granted",
			"provided that the above copyright notice",
		},
	},
	{name: "Unlicense", all: []string{"free and unencumbered software released into the public domain"}},
	{name: "Public-Domain", all: []string{"has been dedicated to the public domain"}},
}

// errUnknown is returned for a text that no family recognises.
var errUnknown = errors.New("the licence is not one that this program knows")

// licence is what one licence file says.
type licence struct {
	name      string   // SPDX names in alphabetical order, joined by " AND "
	copyright []string // in the file's order, without repeats
	terms     string   // the text, of a single licence without its copyright lines; "" where our LICENSE holds it
}

// identify names the licences in a text. It refuses texts of the GNU family
// even beside others: their conditions are not met by a notice. (MPL-2.0
// mentions them without being one.)
func identify(text string) (licence, error) {
	flat := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	var names []string
	onlyShared := true
	for _, f := range families {
		if f.matches(flat) {
			names = append(names, f.name)
			onlyShared = onlyShared && f.shared
		}
	}
	gnu := strings.Contains(flat, "general public license") && !slices.Contains(names, "MPL-2.0")
	if len(names) == 0 || gnu {
		return licence{}, errUnknown
	}
	slices.Sort(names)
	copyright, terms := splitCopyright(text)
	switch {
	case onlyShared:
		terms = ""
	case len(names) > 1: // in a list of several, each line belongs to its own text
		terms = strings.TrimSpace(text)
	}
	return licence{name: strings.Join(names, " AND "), copyright: copyright, terms: terms}, nil
}

func (f family) matches(flat string) bool {
	has := func(phrase string) bool { return strings.Contains(flat, phrase) }
	return !slices.ContainsFunc(f.none, has) &&
		!slices.ContainsFunc(f.all, func(phrase string) bool { return !has(phrase) })
}

// A copyright line begins with the word, after "Original work" and the like,
// and carries a sign or a year: licence texts use the word in many other ways.
var (
	copyrightLine = regexp.MustCompile(`(?i)^(\w+ work )?(copyright|©)\W`)
	signOrYear    = regexp.MustCompile(`(?i)\(c\)|©|\b\d{4}\b`)
)

// splitCopyright takes the copyright lines out of a text, so that texts that
// differ in nothing else are one.
func splitCopyright(text string) (copyright []string, terms string) {
	var rest []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		trimmed := strings.TrimSpace(line)
		if !copyrightLine.MatchString(trimmed) || !signOrYear.MatchString(trimmed) {
			rest = append(rest, line)
			continue
		}
		if !slices.Contains(copyright, trimmed) {
			copyright = append(copyright, trimmed)
		}
	}
	return copyright, strings.TrimSpace(strings.Join(rest, "\n"))
}
