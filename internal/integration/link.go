package integration

import (
	"net/url"
	"strings"
)

// linkText is what links to an incident's page read.
const linkText = "Open in Server Scout"

// linkEscaper escapes what may stand in a parsed URL and means something to
// Markdown or to HTML.
var linkEscaper = strings.NewReplacer(
	" ", "%20", `"`, "%22", "'", "%27", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E",
	"[", "%5B", `\`, "%5C", "]", "%5D", "`", "%60", "{", "%7B", "|", "%7C", "}", "%7D",
)

// webLink makes a URL safe to be linked to in any markup. It returns "" for
// what is no web address, or is longer than limit characters. Userinfo is left
// out: a message is no place for credentials.
func webLink(raw string, limit int) string {
	u, err := url.Parse(oneLine(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	if name := u.Hostname(); name == "" || linkEscaper.Replace(name) != name {
		return ""
	}
	link := u.Scheme + "://" + u.Host + linkEscaper.Replace(u.RequestURI())
	if u.Fragment != "" {
		link += "#" + linkEscaper.Replace(u.EscapedFragment())
	}
	if length(link) > limit {
		return ""
	}
	return link
}
