package scout

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"fail_after", "interval", "ip", "name", "recover_after", "tags"}
	for key, want := range map[string]string{
		"nam": "name", "tag": "tags", "intervall": "interval", "failafter": "fail_after", "fail-after": "fail_after",
		"recover": "", "x": "", "owner": "", "": "",
	} {
		if got := nearest(key, known); got != want {
			t.Errorf("nearest(%q): got %q, want %q", key, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abd", 1}, {"abc", "bc", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q): got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
