package store

import "context"

// manyIncidents is from how many on a list is read from the newest incident on,
// passing over what is not looked for: then every page of it lies near.
const manyIncidents = 5000

// incidentsByText finds the incidents among which are all that have a text in
// the name of the server or the service. Without a text, and where too many
// come into question, it finds none.
func (s *Store) incidentsByText(ctx context.Context, text string) (c candidates, err error) {
	if text == "" {
		return c, nil
	}
	for _, column := range []string{"server", "service"} {
		names, err := s.named(ctx, text, namesInIncidents(column))
		if err != nil || len(names) == mostNames {
			return candidates{}, err
		}
		c.or("SELECT id FROM incidents WHERE "+column+" IN ("+placeholders(len(names))+")", names...)
	}
	var n int
	err = s.read.QueryRowContext(ctx, s.dialect.bind("SELECT COUNT(*) FROM (SELECT 1 FROM ("+c.query+") LIMIT ?)"),
		append(c.args, manyIncidents)...).Scan(&n)
	if err != nil || n == manyIncidents {
		return candidates{}, err
	}
	return c, nil
}
