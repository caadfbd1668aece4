package manage

import (
	"context"
	"maps"

	"serverscout/internal/scout"
)

// Declared is everything a configuration file declares, parsed and valid.
type Declared struct {
	Servers  []DeclaredServer
	Webhooks []scout.Webhook
}

// DeclaredServer is a server with its checks; their ids are not known yet.
type DeclaredServer struct {
	Server scout.Server
	Checks []scout.Check
}

// ParseDeclared reads the servers and webhooks of a configuration file.
// Faults are named by paths such as servers[0].checks[1].interval.
func ParseDeclared(servers, webhooks []map[string]any, checkURL func(string) error) (Declared, error) {
	var d Declared
	var faults scout.Faults
	names := map[string]int{}
	for i, in := range servers {
		at := index("servers", i)
		s := parseDeclaredServer(at, in, &faults)
		unique(names, s.Server.Name, i, at+".name", "server", &faults)
		d.Servers = append(d.Servers, s)
	}
	names = map[string]int{}
	for i, in := range webhooks {
		at := index("webhooks", i)
		w, err := ParseWebhook(in, checkURL)
		faults.Join(at, err)
		unique(names, w.Name, i, at+".name", "webhook", &faults)
		w.Source = scout.FromFile
		d.Webhooks = append(d.Webhooks, w)
	}
	return d, faults.Err()
}

func parseDeclaredServer(at string, in map[string]any, faults *scout.Faults) DeclaredServer {
	own := maps.Clone(in)
	checks := own["checks"]
	delete(own, "checks")
	s, err := parseServer(append(ServerFields(), scout.Field{Name: "checks"}), own) // a known key, read below
	faults.Join(at, err)
	s.Source = scout.FromFile
	d := DeclaredServer{Server: s}
	list, ok := checks.([]any)
	if !ok && checks != nil {
		faults.Add(at+".checks", "", "must be a list of checks")
	}
	names := map[string]int{}
	for i, item := range list {
		here := index(at+".checks", i)
		keys, ok := item.(map[string]any)
		if !ok {
			faults.Add(here, "", "must be a group of keys with at least kind")
			continue
		}
		c, err := ParseCheck(s, keys)
		faults.Join(here, err)
		unique(names, c.Name, i, here+".name", "check of this server", faults)
		c.Source = scout.FromFile
		d.Checks = append(d.Checks, c)
	}
	return d
}

// unique reports a name that was given before.
func unique(names map[string]int, name string, i int, at, what string, faults *scout.Faults) {
	if name == "" {
		return // reported already
	}
	if first, taken := names[name]; taken {
		faults.Add(at, name, "is the name of another %s already, number %d in the list: names must differ", what, first+1)
		return
	}
	names[name] = i
}

// Apply makes the stored configuration what the file declares, in one
// transaction: objects are found by name and keep their history, those of the
// database that the file names become the file's, and those the file no longer
// names are removed. What is unchanged is not touched.
func (m *Manager) Apply(ctx context.Context, d Declared) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		if err := applyServers(tx, d.Servers); err != nil {
			return err
		}
		if err := distinctTokens(tx); err != nil {
			return err
		}
		return applyWebhooks(tx, d.Webhooks)
	})
}

func applyServers(tx Tx, declared []DeclaredServer) error {
	stored, err := tx.Servers()
	if err != nil {
		return err
	}
	old := map[string]scout.Server{}
	for _, s := range stored {
		old[s.Name] = s
	}
	for _, d := range declared {
		s := d.Server
		if err := applyServer(tx, &s, old); err != nil {
			return err
		}
		if err := applyChecks(tx, s, d.Checks); err != nil {
			return err
		}
	}
	for _, s := range old {
		if s.Source == scout.FromFile {
			if err := dropServer(tx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyServer stores s in the place of the old server of its name, and takes
// that one out of old. Checks added by hand follow its ip.
func applyServer(tx Tx, s *scout.Server, old map[string]scout.Server) error {
	before, ok := old[s.Name]
	if !ok {
		return tx.SaveServer(s)
	}
	delete(old, s.Name)
	s.ID, s.CreatedAt = before.ID, before.CreatedAt
	if before.Source == s.Source && sameJSON(DescribeServer(before), DescribeServer(*s)) {
		return nil
	}
	if err := tx.SaveServer(s); err != nil {
		return err
	}
	return follow(tx, before, *s)
}

// dropServer removes a server that the file no longer declares. Checks that
// somebody added to it by hand stay, and the server with them.
func dropServer(tx Tx, s scout.Server) error {
	if err := applyChecks(tx, s, nil); err != nil {
		return err
	}
	rest, err := tx.ChecksOf(s.ID)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return tx.DeleteServer(s.ID)
	}
	s.Source = scout.FromDatabase
	return tx.SaveServer(&s)
}

func applyChecks(tx Tx, server scout.Server, declared []scout.Check) error {
	stored, err := tx.ChecksOf(server.ID)
	if err != nil {
		return err
	}
	old := map[string]scout.Check{}
	for _, c := range stored {
		old[c.Name] = c
	}
	named := map[string]bool{}
	for _, c := range declared {
		named[c.Name] = true
	}
	for _, c := range declared {
		c.ServerID = server.ID
		if err := applyCheck(tx, &c, old); err != nil {
			return err
		}
		if along, ok := companion(c, server); ok && !named[along.Name] && !madeByHand(old[along.Name]) {
			along.ServerID, along.ParentID, along.Source = server.ID, c.ID, scout.FromFile
			if err := applyCheck(tx, &along, old); err != nil {
				return err
			}
		}
	}
	for _, c := range old {
		if c.Source == scout.FromFile {
			if err := tx.DeleteCheck(c.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// madeByHand reports whether c is there and somebody made it through the API
// or the dashboard: neither the file nor another check brought it.
func madeByHand(c scout.Check) bool {
	return c.Source == scout.FromDatabase && c.ParentID == 0
}

// applyCheck stores c in the place of the old check of its name, and takes
// that one out of old.
func applyCheck(tx Tx, c *scout.Check, old map[string]scout.Check) error {
	if before, ok := old[c.Name]; ok {
		delete(old, c.Name)
		c.ID, c.Paused, c.CreatedAt = before.ID, before.Paused, before.CreatedAt
		if sameCheck(before, *c) {
			return nil
		}
	}
	return tx.SaveCheck(c)
}

func applyWebhooks(tx Tx, declared []scout.Webhook) error {
	stored, err := tx.Webhooks()
	if err != nil {
		return err
	}
	old := map[string]scout.Webhook{}
	for _, w := range stored {
		old[w.Name] = w
	}
	for _, w := range declared {
		if before, ok := old[w.Name]; ok {
			delete(old, w.Name)
			w.ID, w.CreatedAt = before.ID, before.CreatedAt
			if sameWebhook(before, w) {
				continue
			}
		}
		if err := tx.SaveWebhook(&w); err != nil {
			return err
		}
	}
	for _, w := range old {
		if w.Source == scout.FromFile {
			if err := tx.DeleteWebhook(w.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
