package manage

import (
	"strings"

	"serverscout/internal/scout"
)

// matchField describes the group of keys that names servers, tags and checks.
func matchField(help string) scout.Field {
	texts := func(name, help, example string) scout.Field {
		return scout.Field{Name: name, Type: scout.TypeStrings, Max: 1000, Help: help, Example: example}
	}
	return scout.Field{Name: "match", Type: scout.TypeObject, Help: help, Fields: []scout.Field{
		texts("servers", "Names of servers.", "[web-server-01]"),
		texts("tags", "Tags of servers.", "[prod]"),
		texts("checks", "Names of checks, alone or as server/check.", "[HTTP, web-server-01/SSH]"),
	}}
}

func match(v map[string]any) scout.Match {
	m, _ := v["match"].(map[string]any)
	return scout.Match{Servers: strs(m, "servers"), Tags: strs(m, "tags"), Checks: strs(m, "checks")}
}

// judgeMatch judges the match below at, a path with its dot or nothing, where
// all is meant only if that is said.
func judgeMatch(at string, m scout.Match, everything bool, faults *scout.Faults) {
	switch {
	case m.Empty() && !everything:
		faults.Add(at+"match", "", "names nothing: name servers, tags or checks, or say everything: true")
	case !m.Empty() && everything:
		faults.Add(at+"everything", "true", "cannot go with a match: leave one of them out")
	}
	notBlank(at+"match.servers", m.Servers, faults)
	notBlank(at+"match.tags", m.Tags, faults)
	notBlank(at+"match.checks", m.Checks, faults)
}

func notBlank(at string, names []string, faults *scout.Faults) {
	for i, name := range names {
		if strings.TrimSpace(name) == "" {
			faults.Add(index(at, i), name, "must not be blank")
		}
	}
}

func describeMatch(m scout.Match) map[string]any {
	return map[string]any{"servers": list0(m.Servers), "tags": list0(m.Tags), "checks": list0(m.Checks)}
}
