package scout

import (
	"crypto/rand"
	"slices"
	"time"
)

// PageAccess says who may look at a status page.
type PageAccess string

// A public page is for everybody who knows its slug; one by link asks for its
// key as well.
const (
	PublicAccess PageAccess = "public"
	LinkAccess   PageAccess = "link"
)

// StatusPage shows how some checks are to people who do not sign in.
type StatusPage struct {
	ID            int64
	Slug          string // its place in the address; unique; a-z, 0-9 and -
	Title         string
	Intro         string // what stands below the title; may be empty
	Access        PageAccess
	Key           string        // what the address needs besides the slug; "" unless Access is LinkAccess
	Groups        []StatusGroup // at least one; shown in this order
	ShowAddresses bool          // also the servers' addresses
	ShowMessages  bool          // also what the incidents' messages say
	Revision      int64         // counts its changes, from 1
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Path is where the page lies below the dashboard, with its key if it has one.
func (p StatusPage) Path() string {
	if p.Key == "" {
		return "status/" + p.Slug
	}
	return "status/" + p.Slug + "/" + p.Key
}

// Covers reports whether the page shows a check.
func (p StatusPage) Covers(server Server, check string) bool {
	return slices.ContainsFunc(p.Groups, func(g StatusGroup) bool { return g.Covers(server, check) })
}

// StatusGroup is some checks of a status page under a name of their own.
type StatusGroup struct {
	Name       string `json:"name"`
	Match      Match  `json:"match"` // names something, unless the group has everything
	Everything bool   `json:"everything,omitempty"`
}

// Covers reports whether a check is in the group. A match that names nothing
// covers everything, here only if the group says so.
func (g StatusGroup) Covers(server Server, check string) bool {
	return g.Everything || !g.Match.Empty() && g.Match.Covers(server.Name, server.Tags, check)
}

// StatusNote is what a person says on a status page, of an incident or of the
// page as a whole.
type StatusNote struct {
	ID         int64
	PageID     int64
	IncidentID string // "" for the page as a whole
	Text       string
	At         time.Time
	Author     string // an account's or a token's name; never on the page itself
}

// NewPageKey returns the key of a status page: 26 characters, 128 random bits,
// that stand in an address as they are.
func NewPageKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails on the systems Go supports
	return messageEncoding.EncodeToString(b[:])
}

// StatusPageFilter narrows a list of status pages. Zero fields do not.
type StatusPageFilter struct {
	Slug  string
	After int64 // the last id of the page before
}

// StatusNoteFilter narrows a list of notes. Zero fields do not, but PageID,
// which is needed.
type StatusNoteFilter struct {
	PageID     int64
	IncidentID string
	Before     int64 // the last id of the page before
}
