package front

import (
	"net/http"
	"strings"
)

// Under serves next below root, a path such as "/scout" without a slash at its
// end, and without root as well, for proxies that take it away. root alone is
// redirected to root with a slash. Redirects and locations that next gives from
// the top, such as /api, lead below root. With root "" it is next itself.
func Under(root string, next http.Handler) http.Handler {
	if root == "" {
		return next
	}
	stripped := http.StripPrefix(root, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = &below{ResponseWriter: w, root: root}
		switch {
		case r.URL.Path == root:
			to := root + "/"
			if r.URL.RawQuery != "" {
				to += "?" + r.URL.RawQuery
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect) // for good would outlive a change of public_url
		case strings.HasPrefix(r.URL.Path, root+"/"):
			stripped.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// below is an answer that leads below root.
type below struct {
	http.ResponseWriter
	root string
}

func (b *below) WriteHeader(status int) {
	to := b.Header().Get("Location")
	fromTop := strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//")
	if fromTop && !strings.HasPrefix(to, b.root+"/") {
		b.Header().Set("Location", b.root+to)
	}
	b.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the writer beneath.
func (b *below) Unwrap() http.ResponseWriter { return b.ResponseWriter }
