package egress

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestDoSendsTheRequestAsGiven(t *testing.T) {
	t.Parallel()
	type seen struct {
		Method, URI, Body, Host string
		Header                  http.Header
	}
	tests := []struct {
		name    string
		path    string
		request scout.Request
		want    http.Header
	}{
		{
			"content type", "/a",
			scout.Request{ContentType: "application/json", Body: []byte(`{"a":1}`)},
			http.Header{"Content-Type": {"application/json"}, "User-Agent": {"ServerScout"}},
		},
		{
			"own content type replaces", "/a",
			scout.Request{ContentType: "application/json", Header: http.Header{"content-type": {"text/x"}}},
			http.Header{"Content-Type": {"text/x"}, "User-Agent": {"ServerScout"}},
		},
		{
			"content type in two spellings", "/a",
			scout.Request{Header: http.Header{"content-type": {"text/x"}, "Content-Type": {"text/x"}}},
			http.Header{"Content-Type": {"text/x"}, "User-Agent": {"ServerScout"}},
		},
		{
			"own user agent", "/a",
			scout.Request{Header: http.Header{"User-Agent": {"mine"}}},
			http.Header{"User-Agent": {"mine"}},
		},
		{
			"repeated field", "/a",
			scout.Request{Header: http.Header{"X-A": {"1", "2"}}},
			http.Header{"X-A": {"1", "2"}, "User-Agent": {"ServerScout"}},
		},
		{
			"own idempotency key", "/a",
			scout.Request{Header: http.Header{"Idempotency-Key": {"k"}}},
			http.Header{"Idempotency-Key": {"k"}, "User-Agent": {"ServerScout"}},
		},
		{
			"framing is ours", "/a",
			scout.Request{Body: []byte("x"), Header: http.Header{
				"Host": {"evil"}, "Content-Length": {"9"}, "transfer-encoding": {"chunked"}, "Connection": {"close"},
			}},
			http.Header{"User-Agent": {"ServerScout"}},
		},
		{
			"query byte for byte", "/a%2Fb/c?sig=a%2fb+c&x",
			scout.Request{Body: []byte("x")},
			http.Header{"User-Agent": {"ServerScout"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := make(chan seen, 1)
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Header.Del("Accept-Encoding")
				r.Header.Del("Content-Length")
				got <- seen{r.Method, r.RequestURI, string(body), r.Host, r.Header}
			})
			c := newTestClient(t, Options{})
			test.request.URL = server.URL + test.path
			resp, err := c.Do(context.Background(), test.request, TrustPrivate)
			if err != nil {
				t.Fatal(err)
			}
			host := strings.TrimPrefix(server.URL, "http://")
			if resp.Status != 200 || resp.Address != host || resp.Proto != "HTTP/1.1" {
				t.Errorf("got response %+v", resp)
			}
			want := seen{"POST", test.path, string(test.request.Body), host, test.want}
			if diff := cmp.Diff(want, <-got); diff != "" {
				t.Errorf("the server saw (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDoSendsUserinfoAsBasicAuth(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Header.Get("Authorization"))
	})
	c := newTestClient(t, Options{})
	url := strings.Replace(server.URL, "http://", "http://u:p%40ss@", 1)
	for _, test := range []struct {
		header http.Header
		want   string
	}{
		{nil, "Basic dTpwQHNz"},
		{http.Header{"Authorization": {"Bearer x"}}, "Bearer x"},
	} {
		resp, err := c.Do(context.Background(), scout.Request{URL: url, Header: test.header}, TrustPrivate)
		if err != nil || string(resp.Body) != test.want {
			t.Errorf("got %q, %v, want %q", resp.Body, err, test.want)
		}
	}
}

func TestDoReturnsRedirectsUnfollowed(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"/elsewhere", "http://127.0.0.1:1/", "", ":// not a URL"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					t.Errorf("%d to %q was followed", status, location)
				}
				w.Header().Set("Location", location)
				w.WriteHeader(status)
			})
			resp, err := post(newTestClient(t, Options{}), server.URL+"/")
			if err != nil || resp.Status != status || resp.Header.Get("Location") != location {
				t.Errorf("%d to %q: got %d, %v", status, location, resp.Status, err)
			}
		}
	}
}

func TestNoProxyFromTheEnvironment(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, Options{})
	if c.public.Proxy != nil || c.private.Proxy != nil {
		t.Error("a transport has a proxy")
	}
}

func TestDoReadsBodiesToTheLimit(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("x", bodyLimit)
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, filler); err != nil {
				return
			}
		}
	}
	tests := []struct {
		name      string
		handler   http.HandlerFunc
		length    int
		truncated bool
		fault     scout.Fault
	}{
		{"empty", func(http.ResponseWriter, *http.Request) {}, 0, false, ""},
		{"at the limit", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, filler) }, bodyLimit, false, ""},
		{"one over", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, filler+"x") }, bodyLimit, true, ""},
		{"endless", endless, bodyLimit, true, ""},
		{"over the limit, then silence", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, filler+"x")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, bodyLimit, true, ""},
		{"compressed", gzipped(t, []byte("ok")), 2, false, ""},
		{"gzip bomb", gzipped(t, make([]byte, 8<<20)), bodyLimit, true, ""},
		{"not gzip at all", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "not gzip at all")
		}, 0, false, scout.FaultProtocol},
		{"shorter than it said", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "short")
		}, 5, false, scout.FaultReset},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resp, err := post(newTestClient(t, Options{}), serve(t, test.handler).URL)
			if test.fault != "" {
				wantFault(t, err, test.fault)
			} else if err != nil {
				t.Fatal(err)
			}
			if len(resp.Body) != test.length || resp.Truncated != test.truncated || resp.Status != 200 {
				t.Errorf("got %d bytes, truncated %v, status %d", len(resp.Body), resp.Truncated, resp.Status)
			}
		})
	}
}

// gzipped answers with the compressed body.
func gzipped(t *testing.T, body []byte) http.HandlerFunc {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Write(b.Bytes())
	}
}

func TestDoSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Large") != "" {
			w.Header().Set("X-Large", strings.Repeat("x", 2*headerLimit))
		}
		io.Copy(w, r.Body)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := newTestClient(t, Options{RootCAs: rootsOf(server)})
	request := scout.Request{URL: server.URL, Body: []byte("hello")}
	resp, err := c.Do(context.Background(), request, TrustPrivate)
	if err != nil || resp.Proto != "HTTP/2.0" || string(resp.Body) != "hello" {
		t.Errorf("got %s %q, %v", resp.Proto, resp.Body, err)
	}
	request.Header = http.Header{"Large": {"1"}}
	_, err = c.Do(context.Background(), request, TrustPrivate)
	wantFault(t, err, scout.FaultProtocol)
}

func TestTrustHasItsOwnConnections(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := newTestClient(t, Options{})
	if _, err := c.Do(context.Background(), scout.Request{URL: server.URL}, TrustPrivate); err != nil {
		t.Fatal(err)
	}
	// The connection just made is idle now.
	_, err := c.Do(context.Background(), scout.Request{URL: server.URL}, PublicOnly)
	e := wantFault(t, err, scout.FaultAddressRefused)
	if want := strings.TrimPrefix(server.URL, "http://"); e.Address != want {
		t.Errorf("got address %q, want %q", e.Address, want)
	}
}

func TestDoCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	_, err := newTestClient(t, Options{}).Do(ctx, scout.Request{URL: server.URL}, TrustPrivate)
	wantFault(t, err, scout.FaultOther)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

func TestDoRejectsBadURLs(t *testing.T) {
	t.Parallel()
	_, err := post(newTestClient(t, Options{}), "ftp://user:hunter22@example.com/secret")
	e := wantFault(t, err, scout.FaultMisconfigured)
	if scout.CodeOf(e.Err) != scout.Invalid || strings.Contains(e.Message, "hunter22") {
		t.Errorf("got %+v", e)
	}
}

func TestNewNamesBadEntries(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Allow: []string{"10.0.0.0/99"}}); err == nil || scout.CodeOf(err) != scout.Invalid {
		t.Errorf("got %v, want an Invalid error", err)
	}
}
