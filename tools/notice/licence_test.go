package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// The phrases by which each licence is recognised, broken over lines as files
// break them.
const (
	apacheText = "Apache License\n  Version 2.0, January 2004\n"
	mitText    = "Permission is hereby granted, free of charge, to any person obtaining a\ncopy of it.\n" +
		"This permission notice shall be\nincluded in all copies.\n"
	bsd2Text = "Redistribution and use in source and binary\nforms are permitted.\n"
	bsd3Text = bsd2Text + "The name may not be used to endorse or\npromote products.\n"
	iscText  = "Permission to use, copy, modify, and distribute this software for any\npurpose with or without fee is hereby granted, " +
		"provided that the above\ncopyright notice appears.\n"
	gnuText = "GNU General Public License\nVersion 3\n"
)

func TestIdentifyNamesLicences(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"apache":              {apacheText, "Apache-2.0"},
		"mit":                 {mitText, "MIT"},
		"bsd with 2 clauses":  {bsd2Text, "BSD-2-Clause"},
		"bsd with 3 clauses":  {bsd3Text, "BSD-3-Clause"},
		"isc":                 {iscText, "ISC"},
		"mozilla, naming gnu": {"Mozilla Public License, version 2.0\n" + gnuText, "MPL-2.0"},
		"unlicense":           {"This is free and unencumbered software released into the public\ndomain.", "Unlicense"},
		"public domain":       {"The code has been dedicated to the public domain.", "Public-Domain"},
		"several, sorted":     {mitText + bsd3Text, "BSD-3-Clause AND MIT"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := identify(tt.text)
			if err != nil || got.name != tt.want {
				t.Errorf("identify = %q, %v; want %q", got.name, err, tt.want)
			}
		})
	}
}

func TestIdentifyRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"nothing":             "",
		"prose":               "All rights reserved. Ask before you copy.",
		"bsd with 4 clauses":  bsd3Text + "All advertising materials mentioning it must say so.",
		"mit without its end": "Permission is hereby granted, free of charge, to any person obtaining a copy.",
		"gnu beside mit":      mitText + gnuText,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := identify(text); !errors.Is(err, errUnknown) {
				t.Errorf("identify = %q, %v; want errUnknown", got.name, err)
			}
		})
	}
}

func TestIdentifySplitsCopyrightFromTerms(t *testing.T) {
	t.Parallel()
	lines := []string{
		"Copyright (c) 2012 A. Author",
		"Modified work Copyright 2016 B. Author",
		"Copyright © C. Author",
	}
	l, err := identify(strings.Join(lines, "\n") + "\n" + lines[0] + "\n\n" + mitText)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(l.copyright, lines) {
		t.Errorf("copyright = %q, want %q", l.copyright, lines)
	}
	if l.terms != strings.TrimSpace(mitText) {
		t.Errorf("terms = %q, want the licence alone", l.terms)
	}
}

func TestIdentifyLeavesOtherUsesOfTheWordInTheTerms(t *testing.T) {
	t.Parallel()
	prose := []string{
		"copyright notice, this list of conditions and the following disclaimer",
		"copyright license to reproduce",
		"Copyright [yyyy] [name of copyright owner]",
		"(c) You must retain the notices of 2004",
	}
	for _, line := range prose {
		if copyright, terms := splitCopyright(line); len(copyright) > 0 || terms != line {
			t.Errorf("splitCopyright(%q) = %q, %q; want it among the terms", line, copyright, terms)
		}
	}
}

func TestIdentifyKeepsAListOfSeveralWhole(t *testing.T) {
	t.Parallel()
	text := "Copyright 2001 A\n" + mitText + "Copyright 2002 B\n" + bsd3Text
	l, err := identify(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.copyright) != 2 || l.terms != strings.TrimSpace(text) {
		t.Errorf("got %d copyright lines and terms %q", len(l.copyright), l.terms)
	}
}
