package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"serverscout/internal/scout"
)

// Paging is the part of a list's request that says which page is wanted. It
// is exported only because huma does not look into unexported embedded types.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many items a page has at most."`
	Cursor string `query:"cursor" doc:"The next of the page before; without one, the first page."`
}

// page is one page of a list.
type page[V any] struct {
	Items []V    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; left out on the last one."`
}

// number returns the key after which the page begins, for lists whose keys
// are int64; 0 for the first page.
func (p Paging) number(list string) (int64, error) {
	key, err := p.key(list)
	if err != nil || key == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, badCursor(p.Cursor)
	}
	return n, nil
}

// key returns the key after which the page begins; "" for the first page.
func (p Paging) key(list string) (string, error) {
	if p.Cursor == "" {
		return "", nil
	}
	key, ok := decodeCursor(list, p.Cursor)
	if !ok {
		return "", badCursor(p.Cursor)
	}
	return key, nil
}

// paged makes the answer of a list. One item more than the limit was asked
// for: whether it came says whether there is a next page.
func paged[T, V any](list string, limit int, found []T, key func(T) string, view func(T) V) *answer[page[V]] {
	var p page[V]
	if len(found) > limit {
		found = found[:limit]
		p.Next = encodeCursor(list, key(found[limit-1]))
	}
	p.Items = views(found, view)
	return &answer[page[V]]{Body: p}
}

// longestKey is how many digits a key has at most: an incident's id has 23.
const longestKey = 40

// encodeCursor wraps the key of a page's last item. A cursor names its list,
// so that one of another list is noticed.
func encodeCursor(list, key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + ":" + key))
}

// decodeCursor is the inverse of encodeCursor; it is false for what that has
// not made for this list.
func decodeCursor(list, cursor string) (key string, ok bool) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || strings.ContainsAny(cursor, "\r\n") { // which the decoder skips
		return "", false
	}
	key, ok = strings.CutPrefix(string(text), list+":")
	if !ok || key == "" || len(key) > longestKey || strings.Trim(key, "0123456789") != "" {
		return "", false
	}
	return key, true
}

func badCursor(cursor string) error {
	var faults scout.Faults
	faults.Add("cursor", cursor, "is not a cursor of this list: pass the next of the page before, or leave it out")
	return malformed{faults.Err()}
}

// digits is an id as a cursor's key.
func digits(id int64) string { return strconv.FormatInt(id, 10) }
