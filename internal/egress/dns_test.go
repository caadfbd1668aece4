package egress

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// clientWithDNS makes a client of policy and source for which names resolve
// to answers, as by resolverOf.
func clientWithDNS(t *testing.T, allow, source []string, answers [][]string) *Client {
	t.Helper()
	policy, err := ParseAllow(allow)
	if err != nil {
		t.Fatal(err)
	}
	from, err := ParseSource(source)
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{timeout: 10 * time.Second, policy: policy, source: from}
	c.connect(nil, dialer{resolver: resolverOf(answers), sources: newSources(from)})
	t.Cleanup(c.Close)
	return c
}

// resolverOf resolves every name to the addresses of answers: the first lookup
// to the first list, and so on, the last list for ever. With no lists, no name
// exists.
func resolverOf(answers [][]string) *net.Resolver {
	exists := len(answers) > 0
	var mu sync.Mutex
	list := func(next bool) []string {
		mu.Lock()
		defer mu.Unlock()
		list := answers[0]
		if next && len(answers) > 1 {
			answers = answers[1:]
		}
		return list
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			if query, err := readMessage(server); err == nil {
				server.Write(reply(query, exists, list))
			}
		}()
		return client, nil
	}}
}

// readMessage reads one DNS message from a stream.
func readMessage(r io.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(r, message)
	return message, err
}

// reply answers one question: A with the IPv4 addresses, AAAA with the IPv6
// ones, everything else with none. Only a question for A takes the next list.
func reply(query []byte, exists bool, addresses func(next bool) []string) []byte {
	end := 12
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5
	const typeA, typeAAAA, noSuchName = 1, 28, 3
	header := []byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}
	message := append(header, query[12:end]...)
	asked := binary.BigEndian.Uint16(query[end-4:])
	if !exists {
		message[3] |= noSuchName
	} else if asked == typeA || asked == typeAAAA {
		for _, a := range addresses(asked == typeA) {
			ip := netip.MustParseAddr(a)
			if ip.Is4() != (asked == typeA) {
				continue
			}
			message = append(message, 0xc0, 12, 0, byte(asked), 0, 1, 0, 0, 0, 0, 0, byte(len(ip.AsSlice())))
			message = append(message, ip.AsSlice()...)
			message[7]++
		}
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
}

func TestNamesAreJudgedByTheAddressReallyUsed(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	tests := []struct {
		name    string
		host    string
		allow   []string
		answers [][]string
		trust   Trust
		refused []string // for each request in turn: "" or what the message begins with
	}{
		{
			"loopback", "evil.example.com", nil,
			[][]string{{"127.0.0.1"}},
			PublicOnly,
			[]string{"evil.example.com resolves to 127.0.0.1, a loopback address, which webhooks may not reach; allow it with egress.allow: [evil.example.com] or [127.0.0.1/32]"},
		},
		{
			"rebinding after an allowed address", "evil.example.com",
			[]string{"127.0.0.1"},
			[][]string{{"127.0.0.1"}, {"127.0.0.2"}},
			PublicOnly,
			[]string{"", "evil.example.com resolves to 127.0.0.2"},
		},
		{"a refused address is skipped", "both.example.com", []string{"127.0.0.1"}, [][]string{{"10.9.8.7", "127.0.0.1"}}, PublicOnly, []string{""}},
		{
			"a refusal is told rather than a refused connection", "both.example.com",
			[]string{"127.0.0.9"},
			[][]string{{"127.0.0.9", "10.9.8.7"}},
			PublicOnly,
			[]string{"both.example.com resolves to 10.9.8.7, a private address"},
		},
		{"allowed host", "Hooks.Internal.", []string{"hooks.internal"}, [][]string{{"127.0.0.1"}}, PublicOnly, []string{""}},
		{"another host than the allowed one", "x.hooks.internal", []string{"hooks.internal"}, [][]string{{"127.0.0.1"}}, PublicOnly, []string{"x.hooks.internal resolves to"}},
		{
			"allowed host at a metadata address", "hooks.internal",
			[]string{"hooks.internal"},
			[][]string{{"169.254.169.254"}},
			PublicOnly,
			[]string{"hooks.internal resolves to 169.254.169.254, a link-local address, which webhooks may not reach; allow it with egress.allow: [169.254.169.254/32]"},
		},
		{"declared in the file", "hooks.internal", nil, [][]string{{"127.0.0.1"}}, TrustPrivate, []string{""}},
		{
			"declared in the file at a metadata address", "hooks.internal", nil,
			[][]string{{"100.100.100.200"}},
			TrustPrivate,
			[]string{"hooks.internal resolves to 100.100.100.200, a cloud metadata address"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := clientWithDNS(t, test.allow, nil, test.answers)
			for i, want := range test.refused {
				_, err := c.Do(context.Background(), scout.Request{URL: "http://" + test.host + ":" + port}, test.trust)
				if want == "" {
					if err != nil {
						t.Fatalf("request %d: %v", i, err)
					}
					continue
				}
				e := wantFault(t, err, scout.FaultAddressRefused)
				if !strings.HasPrefix(e.Message, want) {
					t.Errorf("request %d: got %q, want it to begin with %q", i, e.Message, want)
				}
			}
		})
	}
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	_, err := post(clientWithDNS(t, nil, nil, nil), "http://no-such-name.invalid/")
	e := wantFault(t, err, scout.FaultUnknownHost)
	if want := "the host name no-such-name.invalid does not exist; check its spelling in the URL"; e.Message != want {
		t.Errorf("got %q, want %q", e.Message, want)
	}
}
