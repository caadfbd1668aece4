package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/egress"
	"serverscout/internal/scout"
)

// Bounds of the delivery settings. The contract says 24 h; who wants to be
// told sooner that a receiver is gone may say less.
const (
	shortestRetry  = 50 * time.Millisecond
	longestRetry   = 5 * time.Minute
	mostRetries    = 100
	shortestGiveUp = time.Second
	longestGiveUp  = 30 * 24 * time.Hour
)

func (c *Config) setListen(s string) error {
	const example = "must be host:port, such as 127.0.0.1:8080, or :8080 for every address of this machine"
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New(example)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return errors.New("must end in a port from 0 to 65535; 0 is any free port")
	}
	if host != "" && !isListenHost(host) {
		return errors.New(example)
	}
	c.Listen = s
	return nil
}

// isListenHost accepts addresses and what looks like a host name; whether the
// machine has it shows when it is listened on.
func isListenHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}

// setData returns the setter for paths that start at dir.
func (c *Config) setData(dir string) func(string) error {
	return func(s string) error {
		if strings.TrimSpace(s) == "" || strings.ContainsRune(s, 0) {
			return errors.New("must be the path of a folder, such as ./data")
		}
		var err error
		c.Data, err = filepath.Abs(absoluteIn(dir, s))
		return err
	}
}

func (c *Config) setPublicURL(s string) error {
	if err := egress.CheckURL(s); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil || u.RawQuery != "" || u.ForceQuery || u.User != nil {
		return errors.New("must be the address that people open, such as https://scout.example.com, without user, password and query")
	}
	if !isRoot(strings.TrimRight(u.EscapedPath(), "/")) {
		return errors.New("has a path that nothing can be served below: use letters, digits and - . _ ~ between its slashes, such as https://example.com/scout, and do not begin it with /api")
	}
	c.PublicURL = strings.TrimRight(s, "/")
	return nil
}

func (c *Config) setAllow(entries []string) error {
	if _, err := egress.ParseAllow(entries); err != nil {
		return within("egress.allow", err)
	}
	c.Egress.Allow = trimmed(entries)
	return nil
}

func (c *Config) setSource(entries []string) error {
	if _, err := egress.ParseSource(entries); err != nil {
		return within("egress.source", err)
	}
	c.Egress.Source = trimmed(entries)
	return nil
}

func (c *Config) setProxy(s string) error {
	if err := egress.CheckProxy(s); err != nil {
		return err
	}
	c.Egress.Proxy = scout.NewSecret(s)
	return nil
}

// setCAFiles returns the setter for paths that start at dir.
func (c *Config) setCAFiles(dir string) func([]string) error {
	return func(paths []string) error {
		files := make([]string, len(paths))
		for i, path := range paths {
			var err error
			if files[i], err = filepath.Abs(absoluteIn(dir, path)); err != nil {
				return err
			}
		}
		if len(files) == 0 {
			c.Egress.CAFiles, c.Egress.CAs = nil, nil
			return nil
		}
		authorities, err := egress.LoadCAs(files)
		if err != nil {
			return within("egress.ca_files", err)
		}
		c.Egress.CAFiles, c.Egress.CAs = files, authorities
		return nil
	}
}

// within turns the faults of a setting into those of its items, because the
// caller knows whether the setting is a key or a variable. Another error is
// returned as it is.
func within(setting string, err error) error {
	var invalid *scout.Error
	if !errors.As(err, &invalid) {
		return err
	}
	var faults scout.Faults
	for _, f := range invalid.Fields {
		faults.Add(strings.TrimPrefix(f.Field, setting), "", "%s", f.Message)
	}
	return faults.Err()
}

func trimmed(entries []string) []string {
	list := make([]string, len(entries))
	for i, entry := range entries {
		list[i] = strings.TrimSpace(entry)
	}
	return list
}

func (c *Config) setRetry(items []string) error {
	if len(items) == 0 || len(items) > mostRetries {
		return fmt.Errorf("must be a list of 1 to %d durations, such as [1s, 10s, 1m, 5m]", mostRetries)
	}
	var faults scout.Faults
	waits := make([]time.Duration, len(items))
	for i, item := range items {
		wait, err := durationWithin(item, shortestRetry, longestRetry)
		faults.Join(index("", i), err)
		waits[i] = wait
	}
	if err := faults.Err(); err != nil {
		return err
	}
	c.Delivery.Retry = waits
	return nil
}

func (c *Config) setGiveUpAfter(s string) error {
	d, err := durationWithin(s, shortestGiveUp, longestGiveUp)
	if err == nil {
		c.Delivery.GiveUpAfter = d
	}
	return err
}

func durationWithin(s string, shortest, longest time.Duration) (time.Duration, error) {
	d, err := scout.ParseDuration(s)
	if err == nil && (d < shortest || d > longest) {
		err = fmt.Errorf("must be from %s to %s", scout.Duration(shortest), scout.Duration(longest))
	}
	return d, err
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
