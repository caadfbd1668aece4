package store

import (
	"context"

	"serverscout/internal/scout"
)

// countsOfChecks counts checks by how they are, and yields no number where
// there are none.
const countsOfChecks = `SUM(CASE WHEN c.paused = 0 AND l.level = 3 THEN 1 ELSE 0 END) AS down,
			SUM(CASE WHEN c.paused = 0 AND l.level = 2 THEN 1 ELSE 0 END) AS warning,
			SUM(CASE WHEN c.paused = 0 AND COALESCE(l.level, 0) = 0 THEN 1 ELSE 0 END) AS unknown,
			SUM(c.paused) AS paused,
			SUM(CASE WHEN c.paused = 0 AND l.level = 1 THEN 1 ELSE 0 END) AS up
		FROM checks c LEFT JOIN check_states l ON l.check_id = c.id`

// countedServers yields each server with how many of its checks are down, at a
// warning, unknown, paused and up.
const countedServers = `SELECT s.id AS id, s.name AS name, s.ip AS ip, s.tags AS tags, s.source, s.revision, s.created_at, s.updated_at,
	COALESCE(n.down, 0) AS down, COALESCE(n.warning, 0) AS warning, COALESCE(n.unknown, 0) AS unknown,
	COALESCE(n.paused, 0) AS paused, COALESCE(n.up, 0) AS up
	FROM servers s LEFT JOIN (
		SELECT c.server_id AS server_id, ` + countsOfChecks + ` GROUP BY c.server_id
	) n ON n.server_id = s.id`

// standing is what CheckCounts.Standing says, for a database.
const standing = `CASE WHEN down > 0 THEN 'down' WHEN warning > 0 THEN 'warning'
	WHEN unknown > 0 OR paused + up = 0 THEN 'unknown' WHEN up = 0 THEN 'paused' ELSE 'up' END`

// worstFirst orders what is counted: what is not up first, and by name.
const worstFirst = `CASE ` + standing + ` WHEN 'down' THEN 0 WHEN 'warning' THEN 1 WHEN 'unknown' THEN 2
	WHEN 'up' THEN 3 ELSE 4 END, name`

// FindServers lists servers with how their checks are, the worst first and
// otherwise by name: after the first offset of them, at most limit.
func (s *Store) FindServers(ctx context.Context, q scout.ServerQuery, offset, limit int) ([]scout.CountedServer, error) {
	var w where
	if q.Tag != "" {
		w.add("EXISTS (SELECT 1 FROM json_each(counted.tags) t WHERE t.value = ?)", q.Tag)
	}
	w.contains(q.Contains, "name", "ip")
	if q.Standing != "" {
		w.add(standing+" = ?", q.Standing)
	}
	end, args := w.list(worstFirst, limit)
	return collect(scanCounted)(s.read.QueryContext(ctx, s.dialect.bind(
		"WITH counted AS ("+countedServers+") SELECT * FROM counted"+end+" OFFSET ?"), append(args, offset)...))
}

func scanCounted(row scanner) (v scout.CountedServer, err error) {
	n := &v.Checks
	v.Server, err = scanServer(withMore{row, []any{&n.Down, &n.Warning, &n.Unknown, &n.Paused, &n.Up}})
	return v, err
}

// withMore is a row that has further columns behind those it is asked for.
type withMore struct {
	row  scanner
	more []any
}

func (m withMore) Scan(into ...any) error { return m.row.Scan(append(into, m.more...)...) }

// ChecksOn lists the checks of some servers, by server and name. At most about
// 30,000 servers can be asked for.
func (s *Store) ChecksOn(ctx context.Context, serverIDs []int64) ([]scout.Check, error) {
	return collect(s.scanCheck)(s.read.QueryContext(ctx, s.dialect.bind(
		"SELECT "+checkColumns+" FROM checks WHERE server_id IN ("+placeholders(len(serverIDs))+") ORDER BY server_id, name"), values(serverIDs)...))
}

// Tags lists the tags that servers have, sorted, at most limit. A server
// without tags may be stored with null in their place.
func (s *Store) Tags(ctx context.Context, limit int) ([]string, error) {
	return collect(func(row scanner) (tag string, err error) { return tag, row.Scan(&tag) })(s.read.QueryContext(ctx,
		s.dialect.bind("SELECT DISTINCT t.value FROM servers, json_each(servers.tags) t WHERE t.value IS NOT NULL ORDER BY t.value LIMIT ?"), limit))
}
