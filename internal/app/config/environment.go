package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"serverscout/internal/scout"
)

// override puts variables, and then flags, over what the file says. Faults
// are named by the variable or the flag.
func (c *Config) override(flags Flags, environ func(string) (string, bool), faults *scout.Faults) {
	list := func(set func([]string) error) func(string) error {
		return func(s string) error { return set(splitList(s)) }
	}
	for _, v := range []struct {
		name string
		set  func(string) error
	}{
		{"SCOUT_LISTEN", c.setListen},
		{"SCOUT_DATA", c.setData("")},
		{"SCOUT_PUBLIC_URL", c.setPublicURL},
		{"SCOUT_TLS_CERT_FILE", c.setTLSFile(&c.TLS.CertFile, "")},
		{"SCOUT_TLS_KEY_FILE", c.setTLSFile(&c.TLS.KeyFile, "")},
		{"SCOUT_TRUSTED_PROXIES", list(c.setTrustedProxies)},
		{"SCOUT_EGRESS_ALLOW", list(c.setAllow)},
		{"SCOUT_EGRESS_SOURCE", list(c.setSource)},
		{"SCOUT_EGRESS_PROXY", c.setProxy},
		{"SCOUT_EGRESS_CA_FILES", list(c.setCAFiles(""))},
		{"SCOUT_DELIVERY_RETRY", list(c.setRetry)},
		{"SCOUT_DELIVERY_GIVE_UP_AFTER", c.setGiveUpAfter},
	} {
		if value, _ := environ(v.name); value != "" {
			faults.Join(v.name, v.set(value))
		}
	}
	if flags.Listen != "" {
		faults.Join("--listen", c.setListen(flags.Listen))
	}
	if flags.Data != "" {
		faults.Join("--data", c.setData("")(flags.Data))
	}
}

// splitList reads a comma-separated list; empty items do not count.
func splitList(s string) []string {
	var items []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// defaultData is where a user's data belongs on a system.
func defaultData(goos string, root bool, environ func(string) (string, bool)) (string, error) {
	const folder = "serverscout"
	if goos == "windows" || goos == "plan9" {
		base, err := os.UserConfigDir()
		return filepath.Join(base, folder), err
	}
	// By its specification XDG_DATA_HOME counts only if it is absolute.
	if base, _ := environ("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, folder), nil
	}
	home, _ := environ("HOME")
	switch {
	case filepath.IsAbs(home):
		return filepath.Join(home, ".local", "share", folder), nil
	case root:
		return filepath.Join("/var/lib", folder), nil
	default:
		return "", errors.New("there is no folder of your own to keep data in, as HOME is not set: name one with --data or SCOUT_DATA")
	}
}
