package manage

import (
	"maps"
	"net/url"
	"slices"
	"time"

	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// ParseCheck reads a check of a server from its keys, with its defaults, and
// compiles it, so that what it returns can be probed.
func ParseCheck(server scout.Server, in map[string]any) (scout.Check, error) {
	var faults scout.Faults
	name, _ := in["kind"].(string)
	kind, ok := probe.Lookup(name)
	if !ok {
		normalise("", AllCheckFields(), in, &faults) // says what is wrong with kind, and all else
		return scout.Check{}, faults.Err()
	}
	v := normalise("", CheckFields(kind), in, &faults)
	c := scout.Check{
		ServerID: server.ID,
		Name:     str(v, "name"),
		Kind:     kind.Name,
		Target:   str(v, "target"),
		Remind:   span(v, "remind"),
		Settings: scout.Settings{},
	}
	if c.Name == "" {
		c.Name = kind.Title
	}
	checkName("name", c.Name, &faults)
	for _, f := range kind.Fields {
		if value, ok := v[f.Name]; ok {
			c.Settings[f.Name] = value
		}
	}
	timing(&c, kind, v, &faults)
	faults.JoinNew(compile(kind, &c, server))
	return c, faults.Err()
}

// timing reads intervals and thresholds.
func timing(c *scout.Check, kind probe.Kind, v map[string]any, faults *scout.Faults) {
	if kind.Passive {
		c.FailAfter, c.RecoverAfter = 1, 1 // a job's own word needs no confirmation
		return
	}
	c.FailAfter, c.RecoverAfter = number(v, "fail_after"), number(v, "recover_after")
	c.Interval = span(v, "interval")
	c.Timeout, c.ConfirmInterval = span(v, "timeout"), span(v, "confirm_interval")
	if c.Timeout == 0 {
		c.Timeout = usual(c.Interval)
	}
	if c.ConfirmInterval == 0 {
		c.ConfirmInterval = usual(c.Interval)
	}
	if c.ConfirmInterval > c.Interval && c.Interval > 0 {
		faults.Add("confirm_interval", str(v, "confirm_interval"), "must not be longer than the interval, %s", scout.Duration(c.Interval))
	}
}

// usual is the timeout and the confirm_interval of a check that names none.
func usual(interval time.Duration) time.Duration { return min(10*time.Second, interval) }

func span(v map[string]any, key string) time.Duration {
	d, _ := scout.ParseDuration(str(v, key))
	return d
}

// compile gives a check its default target and lets its kind judge it.
func compile(kind probe.Kind, c *scout.Check, server scout.Server) error {
	t := scout.Target{Check: *c, Server: server}
	if kind.Passive {
		return kind.Validate(t)
	}
	if c.Target == "" {
		c.Target = kind.DefaultTarget(server)
		t.Check.Target = c.Target
	}
	if c.Target == "" {
		why := "the server has no ip to build one from. "
		if kind.NeedsTarget {
			why = ""
		}
		var faults scout.Faults
		faults.Add("target", "", "is missing: %s%s", why, kind.TargetHelp)
		return faults.Err()
	}
	_, err := kind.Compile(t)
	return err
}

// companion returns the check that c brings along, if any.
func companion(c scout.Check, server scout.Server) (scout.Check, bool) {
	kind, ok := probe.Lookup(c.Kind)
	if !ok || kind.Companion == nil {
		return scout.Check{}, false
	}
	return kind.Companion(c, server)
}

// DescribeCheck is the inverse of ParseCheck, secrets and all.
func DescribeCheck(c scout.Check) map[string]any {
	out := maps.Clone(map[string]any(c.Settings))
	if out == nil {
		out = map[string]any{}
	}
	out["name"], out["kind"] = c.Name, c.Kind
	if c.Remind > 0 {
		out["remind"] = scout.Duration(c.Remind).String()
	}
	if kind, ok := probe.Lookup(c.Kind); ok && kind.Passive {
		return out
	}
	out["target"] = c.Target
	out["interval"] = scout.Duration(c.Interval).String()
	out["timeout"] = scout.Duration(c.Timeout).String()
	out["confirm_interval"] = scout.Duration(c.ConfirmInterval).String()
	out["fail_after"], out["recover_after"] = int64(c.FailAfter), int64(c.RecoverAfter)
	return out
}

// ShowCheck is DescribeCheck with every secret masked.
func ShowCheck(c scout.Check) map[string]any {
	shown := c
	shown.Target = showTarget(c.Target)
	shown.Settings = scout.Settings{}
	if kind, ok := probe.Lookup(c.Kind); ok {
		shown.Settings = scout.Mask(kind.Fields, c.Settings)
	}
	return DescribeCheck(shown)
}

// showTarget masks the password in a URL, or the user where it stands alone:
// then it is usually a token.
func showTarget(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.User == nil {
		return target
	}
	user := ""
	if _, set := u.User.Password(); set {
		user = u.User.Username() + ":"
	}
	return u.Scheme + "://" + user + scout.Masked + "@" + u.Host + u.RequestURI()
}

// sameCheck reports whether two checks are configured alike.
func sameCheck(a, b scout.Check) bool {
	return a.Source == b.Source && a.ParentID == b.ParentID && sameJSON(DescribeCheck(a), DescribeCheck(b))
}

// changeCheck applies a merge patch to a check: given keys replace, null
// returns a key to its default, a masked secret keeps the stored one.
func changeCheck(server scout.Server, old scout.Check, patch map[string]any) (scout.Check, error) {
	merged := DescribeCheck(old)
	for key, stored := range map[string]time.Duration{"timeout": old.Timeout, "confirm_interval": old.ConfirmInterval} {
		if stored == usual(old.Interval) {
			delete(merged, key) // nobody chose it: it follows the interval
		}
	}
	if target, ok := patch["target"].(string); ok && target == showTarget(old.Target) {
		patch = maps.Clone(patch)
		delete(patch, "target")
	}
	if name, given := patch["kind"].(string); given && name != old.Kind {
		kind, _ := probe.Lookup(name)
		maps.DeleteFunc(merged, func(key string, _ any) bool { return !outlivesKind(key, kind) })
	}
	merge7396(merged, patch)
	kind, _ := probe.Lookup(old.Kind)
	unmask(kind.Fields, merged, old.Settings)
	c, err := ParseCheck(server, merged)
	c.ID, c.ParentID, c.Paused, c.Source = old.ID, old.ParentID, old.Paused, old.Source
	c.Revision, c.CreatedAt = old.Revision, old.CreatedAt
	return c, err
}

// outlivesKind reports whether a key keeps its value when a check becomes one
// of another kind: its name does, and how often it is probed.
func outlivesKind(key string, kind probe.Kind) bool {
	return key == "name" || key == "remind" || !kind.Passive && slices.Contains(scout.FieldNames(probeFields()), key)
}
