package integration

import (
	"strings"
	"testing"
)

func TestWebLink(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                             "",
		"https://s.example/i/1":                        "https://s.example/i/1",
		"https://s.example":                            "https://s.example/",
		"http://[::1]:8080/i/1":                        "http://[::1]:8080/i/1",
		"http://scout:8080/?a&b=c#d":                   "http://scout:8080/?a&b=c#d",
		"https://s.example/?q= )(][":                   "https://s.example/?q=%20%29%28%5D%5B",
		"https://s.example/?q='\"`\\{|}<":              "https://s.example/?q=%27%22%60%5C%7B%7C%7D%3C",
		"https://s.example/a(b)#c)d":                   "https://s.example/a%28b%29#c%29d",
		"https://me:pw@s.example/":                     "https://s.example/",
		"https://s.example/ü?ü":                        "https://s.example/%C3%BC?ü",
		"https://s(x).example/":                        "",
		"https://s.<example/":                          "",
		"javascript:alert(1)":                          "",
		"ftp://s.example/":                             "",
		"https:s.example":                              "",
		"https://:80/":                                 "",
		"/incidents/1":                                 "",
		"https://s.example/" + strings.Repeat("x", 83): "",
	} {
		if got := webLink(raw, 100); got != want {
			t.Errorf("webLink(%q) = %q, want %q", raw, got, want)
		}
	}
}
