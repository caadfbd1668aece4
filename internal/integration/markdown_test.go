package integration

import "testing"

func TestFitLine(t *testing.T) {
	t.Parallel()
	escape := backslashed("*>")
	for in, want := range map[string]string{
		"":             "",
		"plain":        "plain",
		"192.168.1.7":  "192.168.1.7",
		"-5 degrees":   "-5 degrees",
		"1.5 s":        "1.5 s",
		"#1 of 2":      "#1 of 2",
		"- item":       `\- item`,
		"+ item":       `\+ item`,
		"* item":       `\* item`,
		"> quoted":     `\> quoted`,
		"# heading":    `\# heading`,
		"### heading":  `\### heading`,
		"-# small":     `\-# small`,
		"12. item":     `12\. item`,
		"1) item":      `1\) item`,
		"---":          `\---`,
		"-":            `\-`,
		"a - b # c":    "a - b # c",
		"0123456789":   "0123456789",
		"012345678901": "0123456789…",
		"- 0123456789": `\- 01234567…`,
	} {
		got := fitLine(in, 12, escape)
		if got != want {
			t.Errorf("fitLine(%q) = %q, want %q", in, got, want)
		}
		if n := length(got); n > 12 {
			t.Errorf("fitLine(%q) has %d characters", in, n)
		}
	}
}

func TestUnbackslash(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`a\*b\\c\[`: `a*b\c[`,
		`a\b\ \é\`:  `a\b\ \é\`,
		"\\\u200B*": "\\\u200B*",
	} {
		if got := unbackslash(in); got != want {
			t.Errorf("unbackslash(%q) = %q, want %q", in, got, want)
		}
	}
}
