package manage

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// ParseServer reads a server from its keys.
func ParseServer(in map[string]any) (scout.Server, error) {
	return parseServer(ServerFields(), in)
}

func parseServer(fields []scout.Field, in map[string]any) (scout.Server, error) {
	var faults scout.Faults
	v := normalise("", fields, in, &faults)
	s := scout.Server{Name: str(v, "name"), IP: str(v, "ip"), Tags: strs(v, "tags")}
	if s.Name != "" {
		checkName("name", s.Name, &faults)
	}
	if s.IP != "" && !isHost(s.IP) {
		faults.Add("ip", s.IP, "must be an IP address or a host name, without scheme, port or path")
		s.IP = "localhost" // stands in, so that targets built from it are not faulty as well
	}
	for i, tag := range s.Tags {
		checkName(index("tags", i), tag, &faults)
	}
	slices.Sort(s.Tags)
	s.Tags = slices.Compact(s.Tags)
	return s, faults.Err()
}

// DescribeServer is the inverse of ParseServer.
func DescribeServer(s scout.Server) map[string]any {
	return map[string]any{"name": s.Name, "ip": s.IP, "tags": list0(s.Tags)}
}

// checkName reports what no name may have, whatever it names.
func checkName(at, name string, faults *scout.Faults) {
	switch {
	case strings.TrimSpace(name) == "":
		faults.Add(at, name, "must not be blank")
	case strings.TrimSpace(name) != name:
		faults.Add(at, name, "must not begin or end with white space")
	case !utf8.ValidString(name):
		faults.Add(at, "", "must be valid UTF-8")
	case strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c'
	}):
		faults.Add(at, name, "must not contain control or invisible characters")
	case utf8.RuneCountInString(name) > longestName:
		faults.Add(at, name, "must have at most %d characters", longestName)
	}
}

func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}

func str(v map[string]any, key string) string {
	s, _ := v[key].(string)
	return s
}

func strs(v map[string]any, key string) []string {
	s, _ := v[key].([]string)
	return s
}

// moment is the time of a key; the zero time if it is not there.
func moment(v map[string]any, key string) time.Time {
	t, _ := time.Parse(time.RFC3339, str(v, key)) // it is canonical
	return t
}

func number(v map[string]any, key string) int {
	n, _ := v[key].(int64)
	return int(n)
}

func list0(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
