package config

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// maxFile is how many bytes a configuration file has at most.
const maxFile = 16 << 20

// readFile returns a file's text with plain line ends and without a byte order
// mark, or a sentence that says why it cannot be used.
func readFile(path string) (text, problem string) {
	content, err := readLimited(path, maxFile)
	switch {
	case errors.Is(err, errTooLong):
		return "", "is longer than 16 MiB, the most that is read"
	case err != nil:
		return "", "cannot be read: " + err.Error()
	case !utf8.Valid(content):
		return "", "is not UTF-8 text: save it in this encoding"
	}
	return plainText(string(content)), ""
}

func plainText(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

// readText reads a file's text over the defaults in c.
func (c *Config) readText(text string, refs references) []Problem {
	doc, fatal := parse(text, refs)
	if fatal != nil {
		return []Problem{fatal.problem(text)}
	}
	r := reader{doc: doc}
	r.settings(c, refs.dir)
	return doc.report(text, &r.faults)
}

// reader reads a document's top-level keys and gathers what is wrong.
type reader struct {
	doc    *document
	faults scout.Faults
}

func (r *reader) settings(c *Config, dir string) {
	root := r.doc.root
	r.known(root, "", "listen", "data", "public_url", "tls", "trusted_proxies", "egress", "delivery", "servers", "webhooks")
	r.text(root, "listen", "127.0.0.1:8080", c.setListen)
	r.text(root, "data", "./data", c.setData(dir))
	r.text(root, "public_url", "https://scout.example.com", c.setPublicURL)

	own := r.group(root, "tls", "cert_file", "key_file")
	r.text(own, "tls.cert_file", "scout.pem", c.setTLSFile(&c.TLS.CertFile, dir))
	r.text(own, "tls.key_file", "scout.key", c.setTLSFile(&c.TLS.KeyFile, dir))
	r.texts(root, "trusted_proxies", "[127.0.0.1, 10.0.0.0/8]", c.setTrustedProxies)

	outward := r.group(root, "egress", "allow", "source", "proxy", "ca_files")
	r.texts(outward, "egress.allow", "[10.0.0.0/8, hooks.internal]", c.setAllow)
	r.texts(outward, "egress.source", "[192.0.2.10, 2001:db8::10]", c.setSource)
	r.text(outward, "egress.proxy", "http://proxy.internal:3128", c.setProxy)
	r.texts(outward, "egress.ca_files", "[internal-ca.pem]", c.setCAFiles(dir))

	delivery := r.group(root, "delivery", "retry", "give_up_after")
	r.texts(delivery, "delivery.retry", "[1s, 10s, 1m, 5m]", c.setRetry)
	r.text(delivery, "delivery.give_up_after", "24h", c.setGiveUpAfter)

	declared, err := manage.ParseDeclared(r.groups(root, "servers"), r.groups(root, "webhooks"), egress.CheckURL)
	r.faults.Join("", err)
	c.Declared = declared
}

// at returns the value of a path's last key. Null counts as absent.
func at(in map[string]any, path string) (any, bool) {
	v := in[path[strings.LastIndexByte(path, '.')+1:]]
	return v, v != nil
}

func (r *reader) text(in map[string]any, path, example string, set func(string) error) {
	v, given := at(in, path)
	if !given {
		return
	}
	s, ok := v.(string)
	if !ok {
		r.faults.Add(path, "", "must be text, such as %s", example)
		return
	}
	r.faults.Join(path, set(s))
}

func (r *reader) texts(in map[string]any, path, example string, set func([]string) error) {
	v, given := at(in, path)
	if !given {
		return
	}
	list, ok := v.([]any)
	if !ok {
		r.faults.Add(path, "", "must be a list, such as %s", example)
		return
	}
	items := make([]string, len(list))
	for i, item := range list {
		if items[i], ok = item.(string); !ok {
			r.refuse(index(path, i), "must be text")
		}
	}
	r.faults.Join(path, set(items))
}

// group returns a group of keys; nil if it is absent or something else.
func (r *reader) group(in map[string]any, path string, known ...string) map[string]any {
	v, given := at(in, path)
	if !given {
		return nil
	}
	keys, ok := v.(map[string]any)
	if !ok {
		r.faults.Add(path, "", "must be a group of keys: %s", strings.Join(known, ", "))
	}
	r.known(keys, path, known...)
	return keys
}

// groups returns a list of groups of keys, empty ones in the place of items
// that are something else.
func (r *reader) groups(in map[string]any, path string) []map[string]any {
	v, given := at(in, path)
	if !given {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		r.faults.Add(path, "", "must be a list, each item of which begins with - and is a group of keys")
		return nil
	}
	groups := make([]map[string]any, len(list))
	for i, item := range list {
		if groups[i], ok = item.(map[string]any); !ok {
			r.refuse(index(path, i), "must be a group of keys with at least name")
		}
	}
	return groups
}

// refuse reports a value of which nothing else is to be said.
func (r *reader) refuse(path, message string) {
	r.doc.fault(path, r.doc.places[path], message)
}

// known reports the keys that are not among known.
func (r *reader) known(in map[string]any, path string, known ...string) {
	for _, key := range slices.Sorted(maps.Keys(in)) {
		if slices.Contains(known, key) {
			continue
		}
		r.faults.Add(scout.JoinPath(path, key), "", "%s", scout.UnknownKey(key, known))
	}
}
