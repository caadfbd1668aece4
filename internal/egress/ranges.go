package egress

import "net/netip"

// reach says what it takes to open a special range.
type reach uint8

const (
	closed  reach = iota // an allowed range or an allowed host name
	local                // the same, or a webhook declared in the configuration file
	guarded              // only an allowed range that lies within this one
)

// special is a range of addresses that is not public.
type special struct {
	prefix netip.Prefix
	name   string // with its article, to complete "… is"
	reach  reach
}

// specials lists what is not public, the narrower range before the wider one
// that holds it, so that the first match has the best name. An address with
// another one inside is in translations.
var specials = []special{
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address", local},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address", local},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address", local},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address", local},
	{netip.MustParsePrefix("100.100.100.200/32"), "a cloud metadata address", guarded},
	{netip.MustParsePrefix("100.64.0.0/10"), "a shared (carrier-grade NAT) address", local},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address", guarded},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud metadata address", guarded},
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified address", guarded},
	{netip.MustParsePrefix("192.0.0.192/32"), "a cloud metadata address", guarded},
	{netip.MustParsePrefix("192.0.0.0/24"), "a protocol assignment address", closed},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation address", closed},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation address", closed},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation address", closed},
	{netip.MustParsePrefix("192.88.99.0/24"), "a 6to4 relay address", closed},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking address", closed},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address", guarded},
	{netip.MustParsePrefix("255.255.255.255/32"), "a broadcast address", guarded},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address", closed},

	{netip.MustParsePrefix("::1/128"), "a loopback address", local},
	{netip.MustParsePrefix("::/128"), "an unspecified address", guarded},
	{netip.MustParsePrefix("::/96"), "an IPv4-compatible address", closed},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "a local NAT64 address", closed},
	{netip.MustParsePrefix("100::/64"), "a discard address", closed},
	{netip.MustParsePrefix("2001::/32"), "a Teredo address", closed},
	{netip.MustParsePrefix("2001:2::/48"), "a benchmarking address", closed},
	{netip.MustParsePrefix("2001:10::/28"), "an ORCHID address", closed},
	{netip.MustParsePrefix("2001:20::/28"), "an ORCHID address", closed},
	{netip.MustParsePrefix("2001::/23"), "a protocol assignment address", closed},
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation address", closed},
	{netip.MustParsePrefix("3fff::/20"), "a documentation address", closed},
	{netip.MustParsePrefix("3ffe::/16"), "a withdrawn test network address", closed},
	{netip.MustParsePrefix("fd00:ec2::/32"), "a cloud metadata address", guarded},
	{netip.MustParsePrefix("fd20:ce::254/128"), "a cloud metadata address", guarded},
	{netip.MustParsePrefix("fc00::/7"), "a unique local (private) address", local},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address", guarded},
	{netip.MustParsePrefix("fec0::/10"), "a site-local address", closed},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address", guarded},
}

// globalUnicast is the only part of IPv6 from which public addresses are
// given out; what lies outside it and has no row of its own is unassigned.
var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	unassigned    = special{netip.MustParsePrefix("::/0"), "an unassigned address", closed}
)

// translation is an IPv6 range whose addresses lead to the IPv4 address
// written inside them.
type translation struct {
	prefix netip.Prefix
	offset int // of the IPv4 address, in bytes
}

var translations = []translation{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4
}

// inner returns the IPv4 address inside addr.
func (t translation) inner(addr netip.Addr) netip.Addr {
	b := addr.As16()
	return netip.AddrFrom4([4]byte(b[t.offset : t.offset+4]))
}

// image returns the range of t's addresses that lead into an IPv4 range.
func (t translation) image(p netip.Prefix) netip.Prefix {
	b, in := t.prefix.Addr().As16(), p.Addr().As4()
	copy(b[t.offset:], in[:])
	return netip.PrefixFrom(netip.AddrFrom16(b), t.offset*8+p.Bits())
}

// translationOf returns the translation that addr belongs to.
func translationOf(addr netip.Addr) (translation, bool) {
	for _, t := range translations {
		if t.prefix.Contains(addr) {
			return t, true
		}
	}
	return translation{}, false
}

// specialsOf lists every special range that addr is in, best name first. None
// means a public address. The address must be plain.
func specialsOf(addr netip.Addr) []special {
	var found []special
	for _, s := range specials {
		if s.prefix.Contains(addr) {
			found = append(found, s)
		}
	}
	if t, ok := translationOf(addr); ok {
		for _, s := range specialsOf(t.inner(addr)) {
			found = append(found, special{t.image(s.prefix), s.name, s.reach})
		}
		return found
	}
	if len(found) == 0 && addr.Is6() && !globalUnicast.Contains(addr) {
		found = append(found, unassigned)
	}
	return found
}

// plain strips the zone, which names an interface and not an address, and
// turns an IPv4-mapped address into the IPv4 address that is really dialled.
func plain(addr netip.Addr) netip.Addr { return addr.WithZone("").Unmap() }
