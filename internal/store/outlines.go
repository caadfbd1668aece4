package store

import (
	"context"
	"encoding/json"

	"serverscout/internal/scout"
)

// Outlines lists every check with its server, by server and name, for those who
// need to know what is watched and not how: of a check they have its id, name,
// kind, parent and whether it is paused, of a server its id, name, address and
// tags. Nothing that is sealed is read for them.
func (s *Store) Outlines(ctx context.Context) ([]scout.Target, error) {
	return collect(scanOutline)(s.read.QueryContext(ctx, `SELECT c.id, c.name, c.kind, c.parent_id, c.paused, s.id, s.name, s.ip, s.tags
		FROM checks c JOIN servers s ON s.id = c.server_id ORDER BY s.name, c.name`))
}

func scanOutline(row scanner) (t scout.Target, err error) {
	var tags string
	err = row.Scan(&t.Check.ID, &t.Check.Name, &t.Check.Kind, &t.Check.ParentID, &t.Check.Paused,
		&t.Server.ID, &t.Server.Name, &t.Server.IP, &tags)
	if err != nil {
		return t, err
	}
	t.Check.ServerID = t.Server.ID
	return t, json.Unmarshal([]byte(tags), &t.Server.Tags)
}
