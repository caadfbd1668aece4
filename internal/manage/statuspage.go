package manage

import (
	"strings"

	"serverscout/internal/scout"
)

// The bounds of a status page.
const (
	longestSlug  = 64
	longestTitle = 200
	longestIntro = 4000
	mostGroups   = 100
	longestNote  = 4000
)

// StatusPageFields describes a status page's keys.
func StatusPageFields() []scout.Field {
	return []scout.Field{
		{Name: "title", Type: scout.TypeString, Required: true, Min: 1, Max: longestTitle, Help: "What stands at the top of the page.", Example: "Our services"},
		{Name: "slug", Type: scout.TypeString, Max: longestSlug, Help: "Its place in the address, /status/SLUG: a-z, 0-9 and -; unique; default: made of the title.", Example: "our-services"},
		{Name: "intro", Type: scout.TypeText, Max: longestIntro, Help: "What stands below the title.", Example: "How our services are, from one minute to the next."},
		{Name: "access", Type: scout.TypeString, Default: string(scout.PublicAccess), Enum: []string{string(scout.PublicAccess), string(scout.LinkAccess)}, Help: "Who may look: everybody (public), or who has the link, which nobody can guess (link)."},
		{Name: "groups", Type: scout.TypeObjects, Required: true, Min: 1, Max: mostGroups, Help: "What it shows, in groups: at least one.", Fields: statusGroupFields()},
		{Name: "show_addresses", Type: scout.TypeBoolean, Default: false, Help: "Show the servers' addresses as well."},
		{Name: "show_messages", Type: scout.TypeBoolean, Default: false, Help: "Show what the incidents' messages say as well; they may name what is inside your network."},
	}
}

func statusGroupFields() []scout.Field {
	return []scout.Field{
		{Name: "name", Type: scout.TypeString, Required: true, Min: 1, Max: longestTitle, Help: "The group's name on the page.", Example: "Web sites"},
		matchField("Which checks are in it: any within a key, all across keys."),
		{Name: "everything", Type: scout.TypeBoolean, Default: false, Help: "All checks are in it, in the place of a match."},
	}
}

// ParseStatusPage reads a status page from its keys.
func ParseStatusPage(in map[string]any) (scout.StatusPage, error) {
	var faults scout.Faults
	v := normalise("", StatusPageFields(), in, &faults)
	p := scout.StatusPage{
		Slug: str(v, "slug"), Title: str(v, "title"), Intro: strings.TrimSpace(str(v, "intro")), Access: scout.PageAccess(str(v, "access")),
		ShowAddresses: v["show_addresses"] == true, ShowMessages: v["show_messages"] == true,
	}
	if p.Title != "" {
		checkName("title", p.Title, &faults)
	}
	parseSlug(in, &p, &faults)
	groups, _ := v["groups"].([]map[string]any)
	for i, keys := range groups {
		p.Groups = append(p.Groups, parseGroup(index("groups", i), keys, &faults))
	}
	return p, faults.Err()
}

// parseSlug judges the slug, or makes one of the title.
func parseSlug(in map[string]any, p *scout.StatusPage, faults *scout.Faults) {
	switch {
	case p.Slug != "":
		if p.Slug != Slug(p.Slug) {
			faults.Add("slug", p.Slug, "must be of a-z, 0-9 and single - between them, such as our-services")
		}
	case p.Title != "" && (in["slug"] == nil || in["slug"] == ""):
		if p.Slug = Slug(p.Title); p.Slug == "" {
			faults.Add("slug", "", "is missing: the title has no letters to make one of, so choose one of a-z, 0-9 and -")
		}
	}
}

// Slug makes a slug of a title; "" if the title has no letters for one.
func Slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	slug := strings.Join(words, "-")
	return strings.Trim(slug[:min(len(slug), longestSlug)], "-")
}

// parseGroup judges what the metadata does not: a group has everything only
// where that is said.
func parseGroup(at string, keys map[string]any, faults *scout.Faults) scout.StatusGroup {
	g := scout.StatusGroup{Name: str(keys, "name"), Match: match(keys), Everything: keys["everything"] == true}
	if g.Name != "" {
		checkName(at+".name", g.Name, faults)
	}
	judgeMatch(at+".", g.Match, g.Everything, faults)
	return g
}

// DescribeStatusPage is the inverse of ParseStatusPage.
func DescribeStatusPage(p scout.StatusPage) map[string]any {
	groups := make([]any, 0, len(p.Groups))
	for _, g := range p.Groups {
		groups = append(groups, map[string]any{
			"name": g.Name, "everything": g.Everything, "match": describeMatch(g.Match),
		})
	}
	return map[string]any{
		"title": p.Title, "slug": p.Slug, "intro": p.Intro, "access": string(p.Access), "groups": groups,
		"show_addresses": p.ShowAddresses, "show_messages": p.ShowMessages,
	}
}

// StatusNoteFields describes the keys of a note on a status page.
func StatusNoteFields() []scout.Field {
	return []scout.Field{
		{Name: "text", Type: scout.TypeText, Required: true, Min: 1, Max: longestNote, Help: "What to tell those who look at the page.", Example: "We are restoring the database from last night's backup."},
		{Name: "incident_id", Type: scout.TypeString, Max: 40, Help: "The incident it is about, of a check on the page; without it, the note is about the page as a whole.", Example: "17060058000001234567890"},
	}
}

// parseStatusNote reads a note from its keys.
func parseStatusNote(in map[string]any) (scout.StatusNote, error) {
	var faults scout.Faults
	v := normalise("", StatusNoteFields(), in, &faults)
	n := scout.StatusNote{Text: strings.TrimSpace(str(v, "text")), IncidentID: str(v, "incident_id")}
	if _, given := v["text"]; given && n.Text == "" {
		faults.Add("text", "", "must not be blank")
	}
	return n, faults.Err()
}
