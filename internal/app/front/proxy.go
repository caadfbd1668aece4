// Package front is what a request passes before it reaches the program's
// rooms: the server's own certificate, the word of trusted proxies, and the
// path that everything is served below.
//
// Behind it, a request says who sent it and how, whatever stood between: its
// RemoteAddr is the client's, its Host the one that the client asked for, and
// its URL.Scheme is "http" or "https", never empty.
package front

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Trust gives next each request as its client sent it, by the word of proxies:
// ranges that are masked and free of IPv4 in IPv6. What anyone else says of
// itself is not heeded, so with none of them only the scheme is filled in.
//
// Forwarded (RFC 7239) is not read: a proxy that sets X-Forwarded-For passes on
// the Forwarded that a client made up.
func Trust(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, asSent(proxies, r))
	})
}

// asSent is a request as its client sent it.
func asSent(proxies []netip.Prefix, r *http.Request) *http.Request {
	sent := new(http.Request)
	*sent = *r
	sent.URL = new(url.URL)
	*sent.URL = *r.URL
	sent.URL.Scheme = "http"
	if r.TLS != nil {
		sent.URL.Scheme = "https"
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !trusts(proxies, bare(peer.Addr())) {
		return sent
	}
	if scheme := strings.ToLower(last(r.Header["X-Forwarded-Proto"])); scheme == "http" || scheme == "https" {
		sent.URL.Scheme = scheme
	}
	if host := last(r.Header["X-Forwarded-Host"]); isHost(host) {
		sent.Host = host
	}
	if addr := client(proxies, bare(peer.Addr()), r.Header["X-Forwarded-For"]); addr != bare(peer.Addr()) {
		sent.RemoteAddr = netip.AddrPortFrom(addr, 0).String() // its port is not known
	}
	return sent
}

// client is the first address on the way back from peer that is no trusted
// proxy. Each proxy adds on the right whom it was asked by, so whatever a
// client made up stands on the left of its own address.
func client(proxies []netip.Prefix, peer netip.Addr, forwardedFor []string) netip.Addr {
	hops := strings.Split(strings.Join(forwardedFor, ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, ok := parseHop(strings.TrimSpace(hop))
		if !ok || !trusts(proxies, peer) {
			break
		}
		peer = addr
	}
	return peer
}

// parseHop reads an address with or without a port.
func parseHop(s string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return bare(addr), err == nil
}

func trusts(proxies []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// bare is an address as ranges contain it.
func bare(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// last is the last item of a header's lists: that of the nearest proxy.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	list := values[len(values)-1]
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}

var hostForm = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// isHost reports whether a text can be the value of Host.
func isHost(s string) bool { return len(s) <= 255 && hostForm.MatchString(s) }
