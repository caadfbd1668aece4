package probe

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/miekg/dns"
)

const (
	maxAliases = 16 // CNAME records that are followed
	maxListed  = 3  // answers that a message lists
)

// dnsRecords are the types of record that can be looked up.
func dnsRecords() []string {
	return []string{"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "TXT"}
}

// answerForm says how an expected record of a type is written.
func answerForm(record string) string {
	switch record {
	case "A":
		return "an IPv4 address"
	case "AAAA":
		return "an IPv6 address"
	case "CAA":
		return "flags, tag and value, such as 0 issue ca.example.com"
	case "DS":
		return "key tag, algorithm, digest type and digest"
	case "HTTPS":
		return "priority, name and parameters, such as 1 . alpn=h2"
	case "MX":
		return "priority and host name, such as 10 mail.example.com"
	case "SOA":
		return "the record's seven parts, from the primary server to the minimum TTL"
	case "SRV":
		return "priority, weight, port and host name, such as 10 5 5060 sip.example.com"
	default:
		return "a host name"
	}
}

// parseAnswer reads a record's content as it stands in a zone file, of TXT the
// text alone, and returns its canonical form.
func parseAnswer(record, text string) (string, error) {
	if record == "TXT" {
		return text, nil
	}
	wrong := errors.New("write " + answerForm(record))
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", wrong
	}
	parsed, err := dns.NewRR(". 0 IN " + record + " " + text)
	if err != nil || parsed == nil {
		return "", wrong
	}
	return answerText(parsed), nil
}

// answerText is a record's content in its canonical form: in lower case,
// without quotes and trailing dots; the text of a TXT record as it is.
func answerText(rr dns.RR) string {
	if txt, ok := rr.(*dns.TXT); ok {
		var text strings.Builder
		for _, part := range txt.Txt {
			text.WriteString(unescapeTXT(part))
		}
		return text.String()
	}
	content := strings.TrimPrefix(rr.String(), rr.Header().String())
	parts := strings.Fields(strings.ToLower(strings.ReplaceAll(content, `"`, "")))
	for i, part := range parts {
		if part != "." {
			parts[i] = strings.TrimSuffix(part, ".")
		}
	}
	return strings.Join(parts, " ")
}

// unescapeTXT brings back the bytes that the DNS library escapes: \" and \\,
// and \DDD for a byte that is not printable ASCII.
func unescapeTXT(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		if i+3 <= len(s) {
			if code, err := strconv.ParseUint(s[i:i+3], 10, 8); err == nil {
				out = append(out, byte(code))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// answersTo returns the records that answer a question, canonical, sorted and
// without repeats. Aliases (CNAME) from the name asked for are followed.
func answersTo(question dns.Question, section []dns.RR) []string {
	name := question.Name
	for range maxAliases {
		var found []string
		next := ""
		for _, rr := range section {
			if !strings.EqualFold(rr.Header().Name, name) {
				continue
			}
			if rr.Header().Rrtype == question.Qtype {
				found = append(found, answerText(rr))
			} else if alias, ok := rr.(*dns.CNAME); ok {
				next = alias.Target
			}
		}
		if len(found) > 0 || next == "" {
			slices.Sort(found)
			return slices.Compact(found)
		}
		name = next
	}
	return nil
}

// foundText says what was found. Answers come from outside: they are shown
// only where they can be nothing but addresses, names and numbers.
func foundText(record string, answers []string) string {
	freeText := record == "TXT" || record == "CAA" || record == "HTTPS"
	switch {
	case !freeText && !slices.ContainsFunc(answers, unshowable):
		return record + " " + listText(answers)
	case len(answers) == 1:
		return fmt.Sprintf("1 %s record", record)
	default:
		return fmt.Sprintf("%d %s records", len(answers), record)
	}
}

func unshowable(answer string) bool {
	return strings.ContainsFunc(answer, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune(".-_: ", r)
	})
}

// listText lists the first few of several texts.
func listText(texts []string) string {
	shown := make([]string, 0, maxListed)
	for _, text := range texts[:min(len(texts), maxListed)] {
		shown = append(shown, short(text))
	}
	list := strings.Join(shown, ", ")
	if more := len(texts) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
