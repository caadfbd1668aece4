package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"serverscout/internal/scout"
)

// Trust says who made a webhook, and so how far it may reach.
type Trust uint8

// The degrees of trust. Link-local, metadata, multicast and unspecified
// addresses are beyond both.
const (
	PublicOnly   Trust = iota // made through API or dashboard: public addresses
	TrustPrivate              // declared in the configuration file: private and loopback addresses as well

	anywhere // no webhook, but the proxy that the configuration names
)

// Policy says which addresses may be reached besides the public ones. The
// zero value allows public addresses only. It is safe for concurrent use.
type Policy struct {
	ranges []netip.Prefix
	hosts  map[string]bool // by hostKey
}

// ParseAllow reads the entries of egress.allow: CIDR ranges, single addresses
// and host names. A range opens exactly its addresses, but link-local,
// metadata, multicast and unspecified ones only if it lies within such a
// range. A host name opens what it resolves to, except those. The error is an
// Invalid scout.Error that names every bad entry.
func ParseAllow(entries []string) (Policy, error) {
	p := Policy{hosts: map[string]bool{}}
	var faults scout.Faults
	for i, entry := range entries {
		entry = strings.TrimSpace(entry)
		prefix, isRange := parseRange(entry)
		switch {
		case isRange:
			p.ranges = append(p.ranges, prefix)
		case isHostName(entry):
			p.hosts[hostKey(entry)] = true
		default:
			faults.Add(fmt.Sprintf("egress.allow[%d]", i), entry,
				"%q is none of: a range (10.0.0.0/8), an address (10.1.2.3), a host name (hooks.internal; without scheme, port or path, non-ASCII names in their xn-- form)",
				scout.Shorten(entry, 80))
		}
	}
	if err := faults.Err(); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// parseRange reads a CIDR range or a single address.
func parseRange(entry string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(entry); err == nil {
		addr = plain(addr)
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, false
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}

// check returns nil if addr may be reached, and a *refusal if not. The host is
// the name it was resolved from, or the address itself.
func (p Policy) check(host string, addr netip.Addr, trust Trust) error {
	addr = plain(addr)
	found := specialsOf(addr)
	if len(found) == 0 || trust == anywhere || p.opens(host, addr, found, trust) {
		return nil
	}
	return refuse(host, addr, found[0])
}

// opens decides on an address that is in the special ranges found.
func (p Policy) opens(host string, addr netip.Addr, found []special, trust Trust) bool {
	has := func(r reach) bool {
		return slices.ContainsFunc(found, func(s special) bool { return s.reach == r })
	}
	if !has(guarded) {
		byTrust := trust == TrustPrivate && has(local)
		if byTrust || p.hosts[hostKey(host)] {
			return true
		}
	}
	return slices.ContainsFunc(p.ranges, func(entry netip.Prefix) bool {
		return entry.Contains(addr) && (!has(guarded) || namesVeryRange(entry, found))
	})
}

// namesVeryRange reports whether an entry lies within a guarded range, so that
// 0.0.0.0/0 does not open link-local addresses in passing.
func namesVeryRange(entry netip.Prefix, found []special) bool {
	return slices.ContainsFunc(found, func(s special) bool {
		return s.reach == guarded && entry.Bits() >= s.prefix.Bits() && s.prefix.Contains(entry.Addr())
	})
}

// checkLiteral judges the host of a URL before any name is resolved: nil for a
// name, the policy's answer for an address, a refusal for an address in a
// spelling that resolvers and people read differently, such as 127.1.
func (p Policy) checkLiteral(host string, trust Trust) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return p.check(host, addr, trust)
	}
	if looksNumeric(host) {
		return &refusal{advice: numericAdvice(host)}
	}
	return nil
}

// refusal is the policy's no, with the remedy in it.
type refusal struct {
	advice advice
	addr   netip.Addr // invalid if no address could be read
}

func (r *refusal) Error() string { return r.advice.message() }

// refuse words the refusal of an address that is in range s.
func refuse(host string, addr netip.Addr, s special) *refusal {
	subject, link := addr.String(), " is "
	if t, ok := translationOf(addr); ok {
		subject += " (which leads to " + t.inner(addr).String() + ")"
	}
	setting := fmt.Sprintf("[%s]", netip.PrefixFrom(addr, addr.BitLen()))
	if !isAddress(host) {
		subject, link = host+" resolves to "+subject, ", "
		if s.reach != guarded && isHostName(host) {
			setting = fmt.Sprintf("[%s] or %s", hostKey(host), setting)
		}
	}
	remedy := "allow it with egress.allow: " + setting
	if s.reach == local {
		remedy += ", or declare the webhook in the configuration file, which may name private addresses"
	}
	return &refusal{advice: advice{found: subject + link + s.name + ", which webhooks may not reach", remedy: remedy}, addr: addr}
}
