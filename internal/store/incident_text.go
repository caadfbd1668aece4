package store

import "context"

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
	return s.few(ctx, c)
}
