package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"serverscout/internal/scout"
)

const maxDNSAnswers = 50 // that a check may expect

type dnsSettings struct {
	Record     string         `json:"record"`
	Resolver   string         `json:"resolver"`
	ServerName string         `json:"server_name"`
	Expect     dnsExpect      `json:"expect"`
	Warn       latencyWarning `json:"warn"`
}

type dnsExpect struct {
	Answers []string `json:"answers"`
	Exact   bool     `json:"exact"`
	RCode   string   `json:"rcode"`
}

func defaultDNSSettings() dnsSettings {
	return dnsSettings{Record: "A", Expect: dnsExpect{RCode: "NOERROR"}}
}

// dnsCodes are the response codes that a check may expect.
func dnsCodes() []string { return []string{"NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL"} }

func init() { register(dnsKind()) }

// dnsKind asks one resolver one question. Aliases (CNAME) inside the answer
// are followed; signatures (DNSSEC) are left to the resolver.
func dnsKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       "dns",
			Title:      "DNS",
			Help:       "Looks up a name and judges the answer of the resolver.",
			TargetHelp: "The name to look up, or an address for record PTR; the server's ip unless named.",
			Fields: []scout.Field{
				{
					Name: "record", Type: scout.TypeString, Default: "A", Enum: dnsRecords(),
					Help: "The type of record to look up.",
				},
				{
					Name: "resolver", Type: scout.TypeString, Example: "tls://dns.example.com", Max: 300,
					Help: "Whom to ask: host or host:port, after udp://, tcp:// or tls:// where it is not UDP; the system's resolver unless named.",
				},
				{
					Name: "server_name", Type: scout.TypeString, Example: "dns.example.com", Max: 253,
					Help: "The name to verify in the certificate of a tls:// resolver, where it is not the resolver's host.",
				},
				dnsExpectField(),
				latencyWarningField(),
			},
		},
		DefaultTarget: func(server scout.Server) string { return unbracket(server.IP) },
		Compile:       func(t scout.Target) (Prober, error) { return compileDNS(t, systemNetwork()) },
	}
}

func dnsExpectField() scout.Field {
	return scout.Field{
		Name: "expect", Type: scout.TypeObject,
		Help: "What the answer must be like; without it, any record of the type will do.",
		Fields: []scout.Field{
			{
				Name: "answers", Type: scout.TypeStrings, Example: "10 mail.example.com", Max: maxDNSAnswers,
				Help: "Records that must be among the answers, written as in a zone file, of TXT the text alone.",
			},
			{
				Name: "exact", Type: scout.TypeBoolean,
				Help: "Whether there must be no answers but these.",
			},
			{
				Name: "rcode", Type: scout.TypeString, Default: "NOERROR", Enum: dnsCodes(),
				Help: "The response code; NXDOMAIN for a name that must not exist.",
			},
		},
	}
}

type dnsProbe struct {
	net      network
	service  string
	name     string // as messages show it
	question dns.Question
	record   string
	resolver *resolver // nil: the system's
	rcode    int
	answers  []string // that must be there
	exact    bool
	warn     latencyWarning
	timeout  time.Duration
}

func compileDNS(t scout.Target, n network) (Prober, error) {
	var faults scout.Faults
	s := decode(t.Check.Settings, defaultDNSSettings(), &faults)
	checkWord("record", s.Record, dnsRecords(), &faults)
	name, err := queryName(t.Check.Target, s.Record)
	if err != nil {
		faults.Add("target", showable(t.Check.Target), "%s", err)
	}
	p := &dnsProbe{
		net:      n,
		service:  serviceName(t.Check.Name, "DNS"),
		name:     short(unbracket(t.Check.Target)),
		question: dns.Question{Name: name, Qtype: dns.StringToType[s.Record], Qclass: dns.ClassINET},
		record:   s.Record,
		resolver: s.compileResolver(n, &faults),
		rcode:    dns.StringToRcode[s.Expect.RCode],
		answers:  s.compileAnswers(&faults),
		exact:    s.Expect.Exact,
		warn:     s.Warn,
		timeout:  timeoutOf(t.Check),
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return newProber(t.Check, p.look), nil
}

// queryName returns the name to ask for, in its canonical form: that of a
// target, or of the reverse zone where the target is an address.
func queryName(target, record string) (string, error) {
	if address, err := netip.ParseAddr(unbracket(target)); err == nil {
		if record != "PTR" {
			return "", errors.New("an address is looked up with record PTR; with any other record write a name")
		}
		return dns.ReverseAddr(address.WithZone("").String())
	}
	if target == "" {
		return "", errors.New("the name is missing: write what to look up, such as www.example.com")
	}
	if err := checkHost(target); err != nil {
		return "", err
	}
	if _, ok := dns.IsDomainName(target); !ok {
		return "", errors.New("this is not a name: the parts between its dots have 1 to 63 characters")
	}
	return dns.CanonicalName(target), nil
}

func (s dnsSettings) compileResolver(n network, faults *scout.Faults) *resolver {
	if s.Resolver == "" {
		if s.ServerName != "" {
			faults.Add("server_name", s.ServerName, "this needs a resolver that begins with tls://")
		}
		return nil
	}
	r, err := parseResolver(s.Resolver, n.roots)
	if err != nil {
		faults.Add("resolver", showable(s.Resolver), "%s", err)
		return nil
	}
	switch {
	case s.ServerName == "":
	case r.tls == nil:
		faults.Add("server_name", s.ServerName, "this needs a resolver that begins with tls://")
	default:
		if err := checkHost(s.ServerName); err != nil {
			faults.Add("server_name", s.ServerName, "%s", err)
		}
		r.tls.ServerName = s.ServerName
	}
	return &r
}

func (s dnsSettings) compileAnswers(faults *scout.Faults) []string {
	checkWord("expect.rcode", s.Expect.RCode, dnsCodes(), faults)
	switch {
	case len(s.Expect.Answers) > 0 && s.Expect.RCode != "NOERROR":
		faults.Add("expect.answers", "", "answers can be expected with rcode NOERROR only")
	case len(s.Expect.Answers) > maxDNSAnswers:
		faults.Add("expect.answers", "", "at most %d answers can be expected", maxDNSAnswers)
	}
	if s.Expect.Exact && len(s.Expect.Answers) == 0 {
		faults.Add("expect.exact", "", "name the answers that must be there")
	}
	if !slices.Contains(dnsRecords(), s.Record) {
		return nil // a fault of its own
	}
	answers := make([]string, 0, len(s.Expect.Answers))
	for i, text := range s.Expect.Answers {
		answer, err := parseAnswer(s.Record, text)
		if err != nil {
			faults.Add(fmt.Sprintf("expect.answers[%d]", i), text, "%s", err)
		}
		answers = append(answers, answer)
	}
	return answers
}

func (p *dnsProbe) look(ctx context.Context) scout.Result {
	start := time.Now()
	resolvers, err := p.resolvers()
	if err != nil {
		return down(0, err.Error())
	}
	answer, from, err := p.ask(ctx, resolvers)
	var r scout.Result
	if err != nil {
		r = down(0, outage(p.service, from.place(), err, p.timeout))
	} else {
		r = p.judge(answer.Msg, time.Since(start), from.place())
	}
	r.IP = answer.address
	return r
}

func (p *dnsProbe) judge(answer *dns.Msg, latency time.Duration, at place) scout.Result {
	message, right := p.verdict(answer)
	switch {
	case !right:
		return down(latency, message)
	case p.warn.exceeded(latency):
		return warning(latency, slowly(p.service, at, latency, p.warn.Latency))
	default:
		return up(latency, message)
	}
}

// verdict says in a sentence what the answer is, and whether it is right.
func (p *dnsProbe) verdict(answer *dns.Msg) (message string, right bool) {
	if answer.Rcode != p.rcode {
		message := p.codeSentence(answer.Rcode)
		if p.rcode != dns.RcodeSuccess {
			message += ", expected " + dns.RcodeToString[p.rcode]
		}
		return message, false
	}
	if p.rcode != dns.RcodeSuccess {
		return p.codeSentence(answer.Rcode) + ", as expected", true
	}
	found := answersTo(p.question, answer.Answer)
	if len(found) == 0 {
		return fmt.Sprintf("%s has no %s record for %s", p.service, p.record, p.name), false
	}
	sentence := fmt.Sprintf("%s answers for %s with %s", p.service, p.name, foundText(p.record, found))
	missing := without(p.answers, found)
	switch {
	case len(missing) > 0:
		return sentence + ", without the expected " + listText(missing), false
	case p.exact && len(without(found, p.answers)) > 0:
		return sentence + ", expected only " + listText(p.answers), false
	default:
		return sentence, true
	}
}

// codeSentence words a response code.
func (p *dnsProbe) codeSentence(code int) string {
	name, ok := dns.RcodeToString[code]
	if !ok {
		name = fmt.Sprintf("code %d", code)
	}
	says := "fails to look up " + p.name
	switch code {
	case dns.RcodeSuccess:
		says = "knows the name " + p.name
	case dns.RcodeNameError:
		says = fmt.Sprintf("says that %s does not exist", p.name)
	case dns.RcodeRefused:
		says = "refuses to look up " + p.name
	}
	return fmt.Sprintf("%s %s (%s)", p.service, says, name)
}

// without returns the texts of list that are not among others.
func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(text string) bool { return slices.Contains(others, text) })
}
