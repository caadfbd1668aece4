package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// CheckRun probes a URL once, with the checks a server would have for it, and
// prints what is found. It reports whether all is up.
func CheckRun(ctx context.Context, out io.Writer, target string, timeout time.Duration) (bool, error) {
	keys, err := checkFor(target)
	if err != nil {
		return false, err
	}
	keys["timeout"] = scout.Duration(timeout).String()
	c, err := manage.ParseCheck(scout.Server{}, keys)
	if err != nil {
		return false, err
	}
	checks := []scout.Check{c}
	if kind, _ := probe.Lookup(c.Kind); kind.Companion != nil {
		if along, ok := kind.Companion(c, scout.Server{}); ok {
			checks = append(checks, along)
		}
	}
	well := true
	for _, c := range checks {
		kind, _ := probe.Lookup(c.Kind)
		prober, err := kind.Compile(scout.Target{Check: c})
		if err != nil {
			return false, err
		}
		r := prober.Probe(ctx)
		if r.Level == scout.Unknown {
			return false, ctx.Err()
		}
		well = well && r.Level == scout.Up
		fmt.Fprintf(out, "%-8s %s", r.Level, r.Message)
		if r.Latency > 0 {
			fmt.Fprintf(out, "  (%s", r.Latency.Round(time.Millisecond/10))
			if r.IP != "" {
				fmt.Fprintf(out, " from %s", r.IP)
			}
			fmt.Fprint(out, ")")
		}
		fmt.Fprintln(out)
	}
	return well, nil
}

// checkFor is the check a URL asks for.
func checkFor(target string) (map[string]any, error) {
	if !strings.Contains(target, "://") {
		target = "https://" + target
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("%q is not a URL: write one such as https://example.com/", target)
	}
	switch u.Scheme {
	case "http", "https":
		return map[string]any{"kind": "http", "target": target}, nil
	case "tcp", "tls":
		return map[string]any{"kind": u.Scheme, "target": u.Host}, nil
	default:
		return nil, fmt.Errorf("there is no check for %s URLs: use http, https, tcp or tls", u.Scheme)
	}
}

// DeliveriesQuery says which deliveries to list, and where.
type DeliveriesQuery struct {
	URL, Token, Status string
	Webhook            int64
	Limit              int
	JSON               bool
}

// ListDeliveries prints what a running server has delivered, or is to.
func ListDeliveries(ctx context.Context, out io.Writer, q DeliveriesQuery) error {
	c := client.New(q.URL, scout.NewSecret(q.Token))
	list, err := c.Deliveries(ctx, client.DeliveryFilter{Webhook: q.Webhook, Status: q.Status, Limit: q.Limit})
	if err != nil {
		return err
	}
	if q.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(out, "No deliveries.")
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tCREATED\tWEBHOOK\tSERVER\tSERVICE\tTELLS\tSTATUS\tATTEMPTS\tREASON")
	for _, d := range list {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", d.ID, d.CreatedAt.Local().Format(time.DateTime),
			d.Webhook, d.Server, d.Service, d.Tells, d.Status, d.Attempts, d.Reason)
	}
	return w.Flush()
}
