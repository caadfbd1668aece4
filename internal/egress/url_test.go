package egress

import (
	"net/url"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

func TestCheckURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url  string
		want string // in the error; "" for none
	}{
		{"https://hooks.example.com/services/T/B/x", ""},
		{"HTTP://hooks.example.com:8080/?a=b", ""},
		{"https://u:p@hooks.example.com", ""},
		{"https://my_host.internal./", ""},
		{"https://[2606:4700::1]:8443/", ""},
		{"http://[::1%25lo]/", ""},
		{"http://127.0.0.1/", ""},
		{"https://bücher.example/", ""},
		{"", "is empty"},
		{" https://example.com", "white space"},
		{"https://example.com/\n", "white space"},
		{"hooks.example.com/x", "must begin with https://"},
		{"ftp://example.com/", "must begin with https://"},
		{"mailto:a@example.com", "must begin with https://"},
		{"https:/example.com", "names no host"},
		{"https:example.com", "names no host"},
		{"https://:443/", "names no host"},
		{"https://u:secretpw@/x", "names no host"},
		{"https://example.com/a#b", "has a fragment"},
		{"https://example.com/#", "has a fragment"},
		{"https://example.com:0/", "port must be"},
		{"https://example.com:65536/", "port must be"},
		{"https://example.com:/", "port must be"},
		{"https://example.com:secretpw/", "cannot be read"},
		{"https://exa mple.com/", "cannot be read"},
		{"https://example.com/%zz", "cannot be read"},
		{"https://a..b/", `"a..b" is not a host name`},
		{"https://" + strings.Repeat("a", 64) + ".com/", "is not a host name"},
		{"https://exa*mple.com/", "is not a host name"},
		{"http://127.1/", "in a spelling that is not accepted"},
		{"http://2130706433/", "in a spelling that is not accepted"},
		{"http://0x7f.1/", "in a spelling that is not accepted"},
	}
	for _, test := range tests {
		t.Run(test.url, func(t *testing.T) {
			t.Parallel()
			err := CheckURL(test.url)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || scout.CodeOf(err) != scout.Invalid {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "secretpw") {
				t.Errorf("%q holds a secret", err)
			}
		})
	}
}

func TestMaskURL(t *testing.T) {
	t.Parallel()
	const m = scout.Masked
	tests := []struct{ url, want string }{
		{"https://hooks.example.com/a/b", "https://hooks.example.com/a/b"},
		{"https://example.com:8443/a%2Fb", "https://example.com:8443/a%2Fb"},
		{"https://u:pw@example.com/", "https://u:" + m + "@example.com/"},
		{"https://u:@example.com/", "https://u:" + m + "@example.com/"},
		{"https://token@example.com/", "https://" + m + "@example.com/"},
		{"https://example.com/x?sig=abc&v=2&sig=d", "https://example.com/x?sig=" + m + "&v=" + m + "&sig=" + m},
		{"https://example.com/x?abc", "https://example.com/x?" + m},
		{"https://example.com/x?a=&&b=c=d;e=f", "https://example.com/x?a=&&b=" + m},
		{"https://example.com/x#abc", "https://example.com/x#" + m},
		{"https://example.com:pw/", m},
		{"u:pw@example.com", m},
		{"//u:pw@example.com", m},
		{"mailto:a@b", m},
		{"", m},
	}
	for _, test := range tests {
		if got := MaskURL(test.url); got != test.want {
			t.Errorf("MaskURL(%q) = %q, want %q", test.url, got, test.want)
		}
	}
}

// Credentials and query values never survive, wherever else they are not.
func FuzzMaskURL(f *testing.F) {
	f.Add("https", "example.com", "/path", "name", "hunter2")
	f.Add("http", "[::1%25lo]:80", "/%2f?x", "a&b", "pass%40word&x=y")
	f.Add("x", "h", "", "", "a@b:c/d?e#f")
	f.Fuzz(func(t *testing.T, scheme, host, path, name, secret string) {
		rest := scheme + "://u:" + scout.Masked + "@" + host + path + "?" + name + "=" + scout.Masked + scheme + "://" + host
		if len(secret) < 4 || strings.Contains(rest, secret) || strings.ContainsAny(secret, "&#") {
			t.Skip()
		}
		for _, raw := range []string{
			scheme + "://" + url.UserPassword("u", secret).String() + "@" + host + path,
			scheme + "://u:" + strings.NewReplacer("/", "_", "?", "_").Replace(secret) + "@" + host + path,
			scheme + "://" + host + path + "?" + name + "=" + secret,
			secret + scheme,
		} {
			u, err := url.Parse(raw)
			if err == nil && (strings.Contains(u.Host, secret) || strings.Contains(u.EscapedPath(), secret) || strings.Contains(u.Scheme, secret)) {
				continue // the secret made itself a part that is shown
			}
			if masked := MaskURL(raw); strings.Contains(masked, secret) {
				t.Errorf("MaskURL(%q) = %q holds %q", raw, masked, secret)
			}
		}
	})
}
