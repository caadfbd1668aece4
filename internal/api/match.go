package api

import (
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// IfMatch is the part of a request that says in which state an object may be
// for the request to change it. It is exported only because huma does not look
// into unexported embedded types.
type IfMatch struct {
	IfMatch string `header:"If-Match" example:"\"3\"" doc:"Do it only if the object still has this ETag, or one of these, separated by commas; * for any. A weak tag never matches."`
}

// revision returns the revision for which a change is to be made, given how to
// read the one that the object is of. manage looks again when it makes the
// change, so that nothing can come between.
func (m IfMatch) revision(current func() (int64, error)) (int64, error) {
	if m.IfMatch == "" || strings.TrimSpace(m.IfMatch) == "*" {
		return manage.AnyRevision, nil
	}
	tags, ok := strongTags(m.IfMatch)
	if !ok {
		var faults scout.Faults
		faults.Add("If-Match", m.IfMatch, `must be * or a list of ETags in quotes, such as "3"`)
		return 0, malformed{faults.Err()}
	}
	is, err := current()
	if err != nil {
		return 0, err
	}
	if !slices.Contains(tags, etag(is)) {
		return 0, scout.Errorf(scout.Changed, "it was changed meanwhile: its ETag is %s now, which If-Match does not name; read it again and repeat the change", etag(is))
	}
	return is, nil
}

// etag is the ETag of an object's revision.
func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

// strongTags reads a list of ETags and leaves the weak ones out. It is false
// for what is no such list.
func strongTags(list string) (strong []string, ok bool) {
	for {
		list = strings.TrimLeft(list, " \t,") // a list may have empty elements
		if list == "" {
			return strong, ok
		}
		rest, weak := strings.CutPrefix(list, "W/")
		rest, opened := strings.CutPrefix(rest, `"`)
		tag, after, closed := strings.Cut(rest, `"`)
		after = strings.TrimLeft(after, " \t")
		if !opened || !closed || strings.ContainsFunc(tag, notInTag) || after != "" && after[0] != ',' {
			return nil, false
		}
		if !weak {
			strong = append(strong, `"`+tag+`"`)
		}
		list, ok = after, true
	}
}

func notInTag(r rune) bool { return r <= ' ' || r == 0x7f }
