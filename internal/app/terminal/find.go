package terminal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// Objects are named by id or by name: a number is an id, unless there is none
// of it.

// parseID reads an id; false for what can only be a name.
func parseID(ref string) (int64, bool) {
	id, err := strconv.ParseInt(ref, 10, 64)
	return id, err == nil && id > 0
}

// byID reads the object of an id, if ref is one and there is such an object.
func byID[T any](ctx context.Context, ref string, read func(context.Context, int64) (client.Answer[T], error)) (a client.Answer[T], found bool, err error) {
	id, ok := parseID(ref)
	if !ok {
		return a, false, nil
	}
	a, err = read(ctx, id)
	if scout.HasCode(err, scout.NotFound) {
		return a, false, nil
	}
	return a, err == nil, err
}

// server finds a server.
func (s *Session) server(ctx context.Context, ref string) (client.Answer[client.Server], error) {
	a, found, err := byID(ctx, ref, s.API.Server)
	if found || err != nil {
		return a, err
	}
	named, err := s.API.Servers(ctx, client.ServerFilter{Name: ref}, 1)
	if err != nil {
		return a, err
	}
	if len(named.Items) == 1 {
		return named.Items[0], nil
	}
	all, err := s.API.Servers(ctx, client.ServerFilter{}, 0)
	if err != nil {
		return a, err
	}
	return a, unknown("server", ref, names(all, func(v client.Server) string { return v.Name }))
}

// webhook finds a webhook.
func (s *Session) webhook(ctx context.Context, ref string) (client.Answer[client.Webhook], error) {
	a, found, err := byID(ctx, ref, s.API.Webhook)
	if found || err != nil {
		return a, err
	}
	named, err := s.API.Webhooks(ctx, client.WebhookFilter{Name: ref}, 1)
	if err != nil {
		return a, err
	}
	if len(named.Items) == 1 {
		return named.Items[0], nil
	}
	all, err := s.API.Webhooks(ctx, client.WebhookFilter{}, 0)
	if err != nil {
		return a, err
	}
	return a, unknown("webhook", ref, names(all, func(v client.Webhook) string { return v.Name }))
}

// token finds a token. There are few, and the API has no filter for them.
func (s *Session) token(ctx context.Context, ref string) (client.Answer[client.Token], error) {
	a, found, err := byID(ctx, ref, s.API.Token)
	if found || err != nil {
		return a, err
	}
	all, err := s.API.Tokens(ctx, 0)
	if err != nil {
		return a, err
	}
	for _, t := range all.Items {
		if t.Value.Name == ref {
			return t, nil
		}
	}
	return a, unknown("token", ref, names(all, func(v client.Token) string { return v.Name }))
}

// check finds a check: by id, by "server/check", or by its own name where only
// one check has it.
func (s *Session) check(ctx context.Context, ref string) (client.Answer[client.Check], error) {
	a, found, err := byID(ctx, ref, s.API.Check)
	if found || err != nil {
		return a, err
	}
	matches, err := s.checksNamed(ctx, ref)
	switch {
	case err != nil:
		return a, err
	case len(matches) == 1:
		return matches[0], nil
	case len(matches) > 1:
		return a, scout.Errorf(scout.Invalid, "%q is the name of %d checks: say which, %s",
			ref, len(matches), someOf(names(client.List[client.Check]{Items: matches}, checkName)))
	}
	all, err := s.API.Checks(ctx, client.CheckFilter{}, 0)
	if err != nil {
		return a, err
	}
	return a, unknown("check", ref, names(all, checkName))
}

// checksNamed lists the checks that ref may mean. Names may hold slashes, so
// each of them may be the one between server and check.
func (s *Session) checksNamed(ctx context.Context, ref string) ([]client.Answer[client.Check], error) {
	own, err := s.API.Checks(ctx, client.CheckFilter{Name: ref}, 0)
	if err != nil {
		return nil, err
	}
	matches := own.Items
	for i, r := range ref {
		if r != '/' || i == 0 || i == len(ref)-1 {
			continue
		}
		servers, err := s.API.Servers(ctx, client.ServerFilter{Name: ref[:i]}, 1)
		if err != nil || len(servers.Items) == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		on, err := s.API.Checks(ctx, client.CheckFilter{ServerID: servers.Items[0].Value.ID, Name: ref[i+1:]}, 0)
		if err != nil {
			return nil, err
		}
		matches = append(matches, on.Items...)
	}
	return matches, nil
}

// checkName is a check's whole name.
func checkName(c client.Check) string { return c.Server + "/" + c.Name }

func names[T any](found client.List[T], name func(T) string) []string {
	list := make([]string, 0, len(found.Items))
	for _, item := range found.Items {
		list = append(list, name(item.Value))
	}
	return list
}

// unknown says that there is no object of a name, and which ones may have been
// meant.
func unknown(noun, ref string, known []string) error {
	if len(known) == 0 {
		return scout.Errorf(scout.NotFound, "there is no %s %q, and no other either", noun, ref)
	}
	if near := similar(ref, known); len(near) > 0 {
		return scout.Errorf(scout.NotFound, "there is no %s %q: did you mean %s?", noun, ref, someOf(near))
	}
	return scout.Errorf(scout.NotFound, "there is no %s %q: see scout %ss list", noun, ref, noun)
}

// mostSuggested is how many names an error lists.
const mostSuggested = 5

// someOf writes names one after the other, not too many of them.
func someOf(list []string) string {
	quoted := make([]string, 0, mostSuggested)
	for _, name := range list[:min(len(list), mostSuggested)] {
		quoted = append(quoted, strconv.Quote(name))
	}
	text := strings.Join(quoted, ", ")
	if more := len(list) - mostSuggested; more > 0 {
		text += fmt.Sprintf(" or one of %d more", more)
	}
	return text
}

// similar lists the names that are much like a word, the likest first: those
// that share at least a third of their pairs of neighbouring letters with it.
func similar(word string, names []string) []string {
	type candidate struct {
		name   string
		shared float64
	}
	var near []candidate
	for _, name := range names {
		if shared := likeness(word, name); shared >= 1./3 {
			near = append(near, candidate{name, shared})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(b.shared, a.shared) })
	list := make([]string, 0, len(near))
	for _, c := range near[:min(len(near), mostSuggested)] {
		list = append(list, c.name)
	}
	return list
}

// likeness is how much two words have in common, from 0 to 1.
func likeness(a, b string) float64 {
	pairs := map[[2]rune]int{}
	count := 0
	each := func(word string, do func([2]rune)) {
		before := ' '
		for _, r := range strings.ToLower(word) + " " {
			do([2]rune{before, r})
			before = r
			count++
		}
	}
	each(a, func(p [2]rune) { pairs[p]++ })
	shared := 0
	each(b, func(p [2]rune) {
		if pairs[p] > 0 {
			pairs[p]--
			shared++
		}
	})
	return 2 * float64(shared) / float64(count)
}
