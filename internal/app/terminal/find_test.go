package terminal

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

func TestSimilar(t *testing.T) {
	t.Parallel()
	known := []string{"web-server-01", "web-server-02", "database", "mail", "Überwachung"}
	for word, want := range map[string]string{
		"web-server-03": "web-server-01",
		"wbe-server-02": "web-server-02",
		"MAIL":          "mail",
		"databse":       "database",
		"überwachung":   "Überwachung",
	} {
		if got := similar(word, known); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %q, want %s first", word, got, want)
		}
	}
	if got := similar("zzz", known); len(got) > 0 {
		t.Errorf("zzz is similar to %q", got)
	}
}

func TestLikenessIsAShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		ab, ba := likeness(a, b), likeness(b, a)
		if ab < 0 || ab > 1 || ab != ba {
			t.Fatalf("likeness(%q, %q) = %v, the other way round %v", a, b, ab, ba)
		}
		if likeness(a, a) != 1 {
			t.Fatalf("likeness(%q, itself) = %v", a, likeness(a, a))
		}
	})
}

func TestUnknownSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for want, known := range map[string][]string{
		"no other either":                         nil,
		`did you mean "webs"?`:                    {"webs"},
		"see scout servers list":                  {"mail"},
		`"web1", "web2", "web3", "web4", "web5"?`: {"web1", "web2", "web3", "web4", "web5", "web6"},
	} {
		err := unknown("server", "web", known)
		if scout.CodeOf(err) != scout.NotFound || !strings.Contains(err.Error(), want) {
			t.Errorf("known are %q: %v, want %q", known, err, want)
		}
	}
	if got := someOf([]string{"a", "b", "c", "d", "e", "f"}); !strings.HasSuffix(got, `"e" or one of 1 more`) {
		t.Error(got)
	}
	if !slices.Equal(KindNames(), slices.Sorted(slices.Values(KindNames()))) {
		t.Error("the kinds are not sorted")
	}
}
