package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// proxyPorts are the kinds of proxy by scheme, each with its own port. A
// SOCKS5 proxy resolves names itself, whichever of the two spellings is used.
var proxyPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// CheckProxy reports what is wrong with egress.proxy: an Invalid scout.Error
// of one sentence, which repeats nothing of the URL.
func CheckProxy(raw string) error {
	_, err := parseProxy(raw)
	return err
}

// proxy is the forward proxy that all requests go through.
type proxy struct {
	url     *url.URL // for the transport: with a port, and with http for https
	secured bool     // spoken to over TLS
	masker  masker   // of its credentials
	secrets []string
}

// parseProxy reads egress.proxy. Its error is that of CheckProxy.
func parseProxy(raw string) (*proxy, error) {
	invalid := func(message string) (*proxy, error) {
		return nil, scout.Errorf(scout.Invalid, "%s", message)
	}
	if raw == "" {
		return invalid("the URL is empty: write one such as http://proxy.internal:3128, or leave the setting out")
	}
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's own text repeats the URL.
		return invalid("the URL cannot be read: check for spaces and a bad port, and write special characters of the password escaped, such as %40 for @")
	}
	host, port := u.Hostname(), proxyPorts[u.Scheme]
	switch {
	case port == "":
		return invalid("the URL must begin with http://, https:// or socks5://")
	case host == "":
		return invalid("the URL names no host: write one such as http://proxy.internal:3128")
	case !isAddress(host) && !isHostName(host):
		return invalid("the URL's host must be a host name or an address, non-ASCII names in their xn-- form")
	case !isPort(u.Port()) || strings.HasSuffix(u.Host, ":"):
		return invalid("the URL's port must be a number from 1 to 65535")
	case strings.Trim(u.Path, "/") != "" || strings.ContainsAny(raw, "?#"):
		return invalid("the URL must end after host and port, such as http://proxy.internal:3128; write special characters of the password escaped, such as %3F for ?")
	}
	if u.Port() != "" {
		port = u.Port()
	}
	secrets := urlSecrets(u)
	p := &proxy{
		url:     &url.URL{Scheme: u.Scheme, User: u.User, Host: net.JoinHostPort(host, port)},
		masker:  newMasker(secrets),
		secrets: secrets,
	}
	if u.Scheme == "https" {
		p.url.Scheme, p.secured = "http", true
	}
	return p, nil
}

// name is the proxy in a sentence.
func (p *proxy) name() string { return "the proxy " + p.url.Host }

// forwards reports whether the proxy sees a request to u itself, instead of
// passing a connection on.
func (p *proxy) forwards(u *url.URL) bool { return u.Scheme == "http" && p.url.Scheme == "http" }

// carry makes a transport send everything through the proxy. The transport
// would offer HTTP/2 in its own handshake with a proxy and then not speak it,
// so that handshake is made here.
func (p *proxy) carry(t *http.Transport, timeout time.Duration) {
	t.Proxy = http.ProxyURL(p.url)
	t.ProxyConnectHeader = http.Header{"User-Agent": {userAgent}}
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
		if res.StatusCode != http.StatusOK {
			return &proxyAnswer{res.StatusCode}
		}
		return nil
	}
	if p.secured {
		t.DialContext = withTLS(t.DialContext, &tls.Config{
			RootCAs: t.TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12, ServerName: p.url.Hostname(),
		}, timeout)
	}
}

// withTLS returns dial with a TLS handshake after it, both within the timeout.
func withTLS(dial dialFunc, config *tls.Config, timeout time.Duration) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		return secured, nil
	}
}

// hide masks the proxy's credentials in the answer to a request that it has
// forwarded: it may have given the answer itself, and quote what it was sent.
func (p *proxy) hide(resp *scout.Response) {
	body := string(resp.Body)
	if masked := p.masker.mask(body); masked != strings.ToValidUTF8(body, "\uFFFD") {
		resp.Body = []byte(masked)
	}
	for _, values := range resp.Header {
		for i, value := range values {
			values[i] = p.masker.maskValue(value)
		}
	}
}

// checkUnresolved judges a host whose name only a proxy will resolve: what is
// an address by its spelling or by its meaning. Other names pass.
func (p Policy) checkUnresolved(host string, trust Trust) error {
	if !isASCII(host) {
		// The transport would turn it into another host than the one judged.
		return &refusal{advice: advice{
			found:  fmt.Sprintf("the host %s cannot be judged before it reaches the proxy", scout.Shorten(host, 80)),
			remedy: "write it in its xn-- form",
		}}
	}
	if key := hostKey(host); key == "localhost" || strings.HasSuffix(key, ".localhost") {
		return p.check(host, netip.MustParseAddr("127.0.0.1"), trust)
	}
	return p.checkLiteral(host, trust)
}

// Proxy returns the URL of the forward proxy, credentials masked; "" for none.
func (c *Client) Proxy() string {
	if c.proxy == nil {
		return ""
	}
	shown := *c.proxy.url
	if c.proxy.secured {
		shown.Scheme = "https"
	}
	return MaskURL(shown.String())
}

// Limits returns a sentence about what the address policy cannot see, for
// those who check the configuration; "" without a proxy.
func (c *Client) Limits() string {
	if c.proxy == nil {
		return ""
	}
	return "Webhook requests go through " + c.proxy.name() + ": receivers see its address, and the address policy judges addresses that stand in a webhook's URL, but not those that the proxy resolves a host name to."
}

// proxyAnswer is a proxy's own answer in the place of the receiver's.
type proxyAnswer struct{ status int }

func (a *proxyAnswer) Error() string {
	return fmt.Sprintf("the proxy answered with status %d", a.status)
}

func (a *proxyAnswer) fault() scout.Fault {
	switch {
	case a.status == http.StatusBadGateway, a.status == http.StatusServiceUnavailable:
		return scout.FaultUnreachable
	case a.status == http.StatusGatewayTimeout:
		return scout.FaultTimeout
	case a.status >= 500:
		return scout.FaultServerError
	case a.status >= 400:
		return scout.FaultMisconfigured
	default:
		return scout.FaultStatus
	}
}

// advice says what the answer means for a request to target.
func (a *proxyAnswer) advice(p *proxy, target string) advice {
	switch a.status {
	case http.StatusProxyAuthRequired:
		return advice{found: p.name() + " wants other credentials (status 407)", remedy: "check the user and the password in egress.proxy"}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return advice{found: fmt.Sprintf("%s could not connect to %s (status %d)", p.name(), target, a.status), remedy: behindProxy}
	default:
		return advice{found: fmt.Sprintf("%s would not connect to %s (status %d)", p.name(), target, a.status), remedy: "check what it allows"}
	}
}

// behindProxy is what to do about a proxy that cannot reach the receiver.
const behindProxy = "check the name, the port and the network behind the proxy"

// unlabelled returns an error without the transport's remark that it concerns
// a proxy, which hides the address that was dialled.
func unlabelled(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return op.Err
	}
	return err
}

// proxyAdvice says what went wrong before the proxy had connected to the
// receiver, and what to do about it.
func (f *flight) proxyAdvice(fault scout.Fault, err error) advice {
	proxy, target := f.proxy.name(), f.target()
	switch fault {
	case scout.FaultTimeout:
		if f.reached() != "" {
			return advice{found: fmt.Sprintf("%s did not connect to %s within %s", proxy, target, seconds(f.timeout)), remedy: behindProxy}
		}
		return advice{found: fmt.Sprintf("no connection to %s within %s", proxy, seconds(f.timeout)), remedy: "check egress.proxy and firewalls"}
	case scout.FaultRefused:
		return advice{found: proxy + " refused the connection", remedy: "check egress.proxy, and that the proxy runs"}
	case scout.FaultReset:
		return advice{found: fmt.Sprintf("%s closed the connection before it had connected to %s", proxy, target), remedy: "check egress.proxy, and what the proxy allows"}
	case scout.FaultUnreachable:
		return advice{found: "there is no route to " + proxy, remedy: "check egress.proxy, and this machine's network and firewalls"}
	case scout.FaultUnknownHost:
		return advice{found: fmt.Sprintf("the host name of %s does not exist", proxy), remedy: "check its spelling in egress.proxy"}
	case scout.FaultResolver:
		return advice{found: fmt.Sprintf("the name of %s could not be looked up", proxy), remedy: "check this machine's DNS servers"}
	case scout.FaultCertExpired, scout.FaultCertNotYet, scout.FaultCertName, scout.FaultCertUnknown, scout.FaultCertSelf:
		return certificateAdvice(fault, proxy, err)
	case scout.FaultNotTLS:
		return advice{found: proxy + " does not speak TLS", remedy: "write http:// in egress.proxy if it has none"}
	default:
		return advice{found: fmt.Sprintf("%s made no connection to %s: %s", proxy, target, brief(err)), remedy: "check egress.proxy"}
	}
}
