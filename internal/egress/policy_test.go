package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func mustAllow(t testing.TB, entries ...string) Policy {
	t.Helper()
	p, err := ParseAllow(entries)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSpecialAddressesAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		address string
		name    string // in the refusal; "" for public
		trusted bool   // a webhook of the configuration file may reach it
	}{
		{"93.184.216.34", "", true},
		{"1.1.1.1", "", true},
		{"2606:4700:4700::1111", "", true},
		{"172.15.255.255", "", true},
		{"172.32.0.0", "", true},
		{"100.63.255.255", "", true},
		{"100.128.0.0", "", true},
		{"127.0.0.1", "a loopback address", true},
		{"127.255.255.254", "a loopback address", true},
		{"::1", "a loopback address", true},
		{"::1%lo", "a loopback address", true},
		{"::ffff:127.0.0.1", "a loopback address", true},
		{"10.0.0.0", "a private address", true},
		{"172.16.0.1", "a private address", true},
		{"172.31.255.255", "a private address", true},
		{"192.168.255.255", "a private address", true},
		{"::ffff:192.168.0.1", "a private address", true},
		{"fc00::1", "a unique local (private) address", true},
		{"fdff::1", "a unique local (private) address", true},
		{"100.64.0.1", "a shared (carrier-grade NAT) address", true},
		{"100.127.255.255", "a shared (carrier-grade NAT) address", true},
		{"100.100.100.200", "a cloud metadata address", false},
		{"192.0.0.192", "a cloud metadata address", false},
		{"168.63.129.16", "a cloud metadata address", false},
		{"fd00:ec2::254", "a cloud metadata address", false},
		{"fd20:ce::254", "a cloud metadata address", false},
		{"169.254.169.254", "a link-local address", false},
		{"::ffff:169.254.169.254", "a link-local address", false},
		{"169.254.0.1", "a link-local address", false},
		{"fe80::1", "a link-local address", false},
		{"fe80::1%eth0", "a link-local address", false},
		{"febf::1", "a link-local address", false},
		{"fec0::1", "a site-local address", false},
		{"0.0.0.0", "an unspecified address", false},
		{"0.1.2.3", "an unspecified address", false},
		{"::", "an unspecified address", false},
		{"::ffff:0.0.0.0", "an unspecified address", false},
		{"224.0.0.1", "a multicast address", false},
		{"239.255.255.255", "a multicast address", false},
		{"ff02::1", "a multicast address", false},
		{"255.255.255.255", "a broadcast address", false},
		{"240.0.0.1", "a reserved address", false},
		{"192.0.0.1", "a protocol assignment address", false},
		{"192.0.2.1", "a documentation address", false},
		{"198.51.100.1", "a documentation address", false},
		{"203.0.113.1", "a documentation address", false},
		{"2001:db8::1", "a documentation address", false},
		{"3fff::1", "a documentation address", false},
		{"198.18.0.1", "a benchmarking address", false},
		{"198.19.255.255", "a benchmarking address", false},
		{"2001:2::1", "a benchmarking address", false},
		{"192.88.99.1", "a 6to4 relay address", false},
		{"2001::1", "a Teredo address", false},
		{"2001:10::1", "an ORCHID address", false},
		{"2001:20::1", "an ORCHID address", false},
		{"2001:1::1", "a protocol assignment address", false},
		{"3ffe::1", "a withdrawn test network address", false},
		{"100::1", "a discard address", false},
		{"::127.0.0.1", "an IPv4-compatible address", false},
		{"::ffff:0:127.0.0.1", "an unassigned address", false},
		{"5f00::1", "an unassigned address", false},
		{"4000::1", "an unassigned address", false},
		{"64:ff9b:1::1", "a local NAT64 address", false},
		{"64:ff9b::127.0.0.1", "a loopback address", true},
		{"64:ff9b::10.1.2.3", "a private address", true},
		{"64:ff9b::169.254.169.254", "a link-local address", false},
		{"64:ff9b::1.1.1.1", "", true},
		{"2002:7f00:1::1", "a loopback address", true},
		{"2002:a9fe:a9fe::1", "a link-local address", false},
		{"2002:101:101::1", "", true},
	}
	for _, test := range tests {
		t.Run(test.address, func(t *testing.T) {
			t.Parallel()
			addr := netip.MustParseAddr(test.address)
			err := Policy{}.check(test.address, addr, PublicOnly)
			switch {
			case test.name == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.name != "" && (err == nil || !strings.Contains(err.Error(), test.name+", which webhooks may not reach")):
				t.Errorf("got %v, want a refusal as %s", err, test.name)
			}
			if trusted := (Policy{}).check(test.address, addr, TrustPrivate) == nil; trusted != test.trusted {
				t.Errorf("reachable from the configuration file: %v", trusted)
			}
		})
	}
}

func TestAllowOpens(t *testing.T) {
	t.Parallel()
	tests := []struct {
		entry   string
		address string
		open    bool
	}{
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "127.0.0.2", false},
		{"127.0.0.1", "::ffff:127.0.0.1", true},
		{"::ffff:127.0.0.1", "127.0.0.1", true},
		{"::ffff:10.0.0.0/104", "10.200.0.1", true},
		{"10.1.2.3/8", "10.200.0.1", true},
		{"fd12::/16", "fd12::1", true},
		{"fd12::/16", "fd13::1", false},
		{"::1", "::1%lo", true},
		{"10.0.0.0/8", "64:ff9b::10.0.0.1", false},
		{"64:ff9b::/96", "64:ff9b::10.0.0.1", true},
		{"0.0.0.0/0", "10.0.0.1", true},
		{"0.0.0.0/0", "fd12::1", false},
		{"::/0", "10.0.0.1", false},
		{"::/0", "fd12::1", true},
		{"::/0", "4000::1", true},
		// The ranges that only their own name opens.
		{"0.0.0.0/0", "169.254.169.254", false},
		{"128.0.0.0/1", "169.254.169.254", false},
		{"169.254.0.0/16", "169.254.169.254", true},
		{"169.254.169.254", "169.254.169.254", true},
		{"169.254.169.254", "169.254.169.253", false},
		{"::/0", "fe80::1", false},
		{"fe80::/10", "fe80::1%eth0", true},
		{"0.0.0.0/0", "0.0.0.0", false},
		{"0.0.0.0", "0.0.0.0", true},
		{"::/0", "::", false},
		{"::", "::", true},
		{"100.64.0.0/10", "100.100.100.200", false},
		{"100.100.100.200", "100.100.100.200", true},
		{"fd00::/8", "fd00:ec2::254", false},
		{"fd00:ec2::254", "fd00:ec2::254", true},
		{"64:ff9b::/96", "64:ff9b::169.254.169.254", false},
		{"64:ff9b::169.254.0.0/112", "64:ff9b::169.254.169.254", true},
		{"2002::/16", "2002:a9fe:a9fe::1", false},
		{"2002:a9fe::/32", "2002:a9fe:a9fe::1", true},
	}
	for _, test := range tests {
		t.Run(test.entry+" "+test.address, func(t *testing.T) {
			t.Parallel()
			err := mustAllow(t, test.entry).check(test.address, netip.MustParseAddr(test.address), PublicOnly)
			if open := err == nil; open != test.open {
				t.Errorf("open: %v (%v)", open, err)
			}
		})
	}
}

func TestAllowedHostOpensAllButGuardedRanges(t *testing.T) {
	t.Parallel()
	p := mustAllow(t, "Hooks.Internal.")
	for address, open := range map[string]bool{
		"127.0.0.1": true, "10.0.0.1": true, "fd12::1": true, "198.18.0.1": true,
		"169.254.169.254": false, "fe80::1": false, "fd00:ec2::254": false, "0.0.0.0": false, "224.0.0.1": false,
		"64:ff9b::169.254.169.254": false,
	} {
		err := p.check("hooks.INTERNAL", netip.MustParseAddr(address), PublicOnly)
		if (err == nil) != open {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestParseAllowNamesEveryBadEntry(t *testing.T) {
	t.Parallel()
	_, err := ParseAllow([]string{
		"10.0.0.0/8", "", " hooks.internal ", "10.0.0.0/33", "http://hooks.internal", "hooks.internal:443",
		"127.1", "0x7f000001", "bücher.internal", "*.internal", "fe80::1%eth0", "a..b",
	})
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Invalid {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Field)
	}
	want := []string{
		"egress.allow[1]", "egress.allow[3]", "egress.allow[4]", "egress.allow[5]",
		"egress.allow[6]", "egress.allow[7]", "egress.allow[8]", "egress.allow[9]", "egress.allow[11]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEverySpellingOfLoopbackIsRefused(t *testing.T) {
	t.Parallel()
	const remedy = " is a loopback address, which webhooks may not reach; allow it with egress.allow: "
	tests := []struct{ host, message string }{
		{"127.0.0.1", "127.0.0.1" + remedy + "[127.0.0.1/32]"},
		{"[::1]", "::1" + remedy + "[::1/128]"},
		{"[::1%25lo]", "::1" + remedy + "[::1/128]"},
		{"[::ffff:127.0.0.1]", "127.0.0.1" + remedy + "[127.0.0.1/32]"},
		{"[::ffff:7f00:1]", "127.0.0.1" + remedy + "[127.0.0.1/32]"},
		{"[64:ff9b::7f00:1]", "64:ff9b::7f00:1 (which leads to 127.0.0.1)" + remedy + "[64:ff9b::7f00:1/128]"},
		{"localhost", "localhost resolves to "},
		{"localhost.", "localhost. resolves to "},
		{"LocalHost", "LocalHost resolves to "},
		{"2130706433", "2130706433 is an IP address in a spelling"},
		{"0x7f000001", "0x7f000001 is an IP address in a spelling"},
		{"0x7f.1", "0x7f.1 is an IP address in a spelling"},
		{"127.1", "127.1 is an IP address in a spelling"},
		{"127.0.0.1.", "127.0.0.1. is an IP address in a spelling"},
		{"0177.0.0.1", "0177.0.0.1 is an IP address in a spelling"},
		{"127.0.0.0x1", "127.0.0.0x1 is an IP address in a spelling"},
		{"１２７.0.0.1", "127.0.0.1" + remedy + "[127.0.0.1/32]"},
		{"127。1", "127.1 is an IP address in a spelling"},
		{"0.0.0.0", "0.0.0.0 is an unspecified address"},
		{"0", "0 is an IP address in a spelling"},
		{"[::]", ":: is an unspecified address"},
	}
	c := newTestClient(t, Options{})
	for _, test := range tests {
		t.Run(test.host, func(t *testing.T) {
			t.Parallel()
			_, err := c.Do(context.Background(), scout.Request{URL: "http://" + test.host + ":1/"}, PublicOnly)
			e := wantFault(t, err, scout.FaultAddressRefused)
			if !strings.HasPrefix(e.Message, test.message) {
				t.Errorf("got %q, want it to begin with %q", e.Message, test.message)
			}
		})
	}
}

func TestReplacedDialIsGivenNoRefusedLiteral(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("%s was dialled", address)
		return nil, net.ErrClosed
	}})
	_, err := c.Do(context.Background(), scout.Request{URL: "http://127.0.0.1/"}, PublicOnly)
	wantFault(t, err, scout.FaultAddressRefused)
}

// An allowed range opens nothing outside itself, and no wide one opens what
// only its own name may.
func FuzzPolicy(f *testing.F) {
	for _, seed := range []struct{ address, entry string }{
		{"127.0.0.1", "10.0.0.0/8"},
		{"169.254.169.254", "0.0.0.0/0"},
		{"fe80::1", "::/0"},
		{"::ffff:127.0.0.1", "::/0"},
		{"64:ff9b::7f00:1", "127.0.0.0/8"},
		{"2002:7f00:1::", "2000::/3"},
	} {
		p := netip.MustParsePrefix(seed.entry)
		f.Add(netip.MustParseAddr(seed.address).AsSlice(), p.Addr().AsSlice(), uint8(p.Bits()))
	}
	f.Fuzz(func(t *testing.T, address, entry []byte, bits uint8) {
		addr, ok := netip.AddrFromSlice(address)
		base, ok2 := netip.AddrFromSlice(entry)
		if !ok || !ok2 || int(bits) > base.BitLen() {
			t.Skip()
		}
		prefix := netip.PrefixFrom(base, int(bits))
		err := mustAllow(t, prefix.String()).check(addr.String(), addr, PublicOnly)
		if err != nil {
			return
		}
		used := addr.Unmap()
		contains := prefix.Contains(addr) || prefix.Contains(used) ||
			base.Is4In6() && bits >= 96 && netip.PrefixFrom(base.Unmap(), int(bits)-96).Contains(used)
		ip := net.IP(used.AsSlice())
		if !contains && (ip.IsLoopback() || ip.IsPrivate() || !ip.IsGlobalUnicast()) {
			t.Errorf("%s is open with egress.allow %s", addr, prefix)
		}
		if (ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()) && prefix.Bits() < 4 {
			t.Errorf("%s is open with egress.allow %s", addr, prefix)
		}
	})
}
