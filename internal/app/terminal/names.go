package terminal

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// mostNames is how many names are offered for completion.
const mostNames = 500

// Names lists the words that a source of completions offers: kind, format, the
// keys server-key, check-key, webhook-key and status-page-key (with = behind
// them, if the source has it), and, from the server that the environment names,
// server, check, webhook, account, hold (by id), status-page and token. What
// cannot be had is not offered: completion has no place for errors.
func Names(ctx context.Context, source string, getenv func(string) string) []string {
	noun, assigned := strings.CutSuffix(source, "=")
	switch noun {
	case "kind":
		return KindNames()
	case "format":
		return FormatNames()
	case "server-key":
		return keys(manage.ServerFields(), assigned)
	case "check-key":
		return keys(manage.AllCheckFields(), assigned)
	case "webhook-key":
		return keys(manage.AllWebhookFields(), assigned)
	case "status-page-key":
		return keys(manage.StatusPageFields(), assigned)
	}
	url, token := getenv("SCOUT_URL"), getenv("SCOUT_TOKEN")
	if token == "" {
		return nil
	}
	if url == "" {
		url = DefaultURL
	}
	api := client.New(url, scout.NewSecret(token))
	if ca := getenv("SCOUT_CA"); ca != "" && api.Trust(ca) != nil {
		return nil
	}
	return serverNames(ctx, noun, api)
}

// serverNames lists the names of objects on a server.
func serverNames(ctx context.Context, noun string, c *client.Client) []string {
	switch noun {
	case "server":
		return listed(func(v client.Server) string { return v.Name })(c.Servers(ctx, client.ServerFilter{}, mostNames))
	case "check":
		return listed(checkName)(c.Checks(ctx, client.CheckFilter{}, mostNames))
	case "webhook":
		return listed(func(v client.Webhook) string { return v.Name })(c.Webhooks(ctx, client.WebhookFilter{}, mostNames))
	case "account":
		return listed(func(v client.Account) string { return v.Name })(c.Accounts(ctx, mostNames))
	case "hold":
		return listed(func(v client.Hold) string { return strconv.FormatInt(v.ID, 10) })(c.Holds(ctx, client.HoldFilter{}, mostNames))
	case "status-page":
		return listed(func(v client.StatusPage) string { return v.Slug })(c.StatusPages(ctx, client.StatusPageFilter{}, mostNames))
	case "token":
		return listed(func(v client.Token) string { return v.Name })(c.Tokens(ctx, mostNames))
	default:
		return nil
	}
}

// listed returns a function that takes the names out of what a list operation
// gave; none out of an error.
func listed[T any](name func(T) string) func(client.List[T], error) []string {
	return func(found client.List[T], err error) []string {
		if err != nil {
			return nil
		}
		return names(found, name)
	}
}

// keys lists the dotted keys of fields; with = behind them, as --set takes them.
func keys(fields []scout.Field, assigned bool) []string {
	list := paths(fields)
	for i, key := range list {
		if assigned && !strings.HasSuffix(key, ".") {
			list[i] = key + "="
		}
	}
	return list
}

// words lists the only values that a field takes.
func words(fields []scout.Field, name string) []string {
	i := slices.IndexFunc(fields, func(f scout.Field) bool { return f.Name == name })
	return fields[i].Enum
}
