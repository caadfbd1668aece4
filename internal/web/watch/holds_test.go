package watch

import (
	"net/http"
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	s, err := r.manager.CreateServer(t.Context(), object{"name": "db-1", "ip": "192.0.2.1", "tags": []any{"prod"}})
	r.must(err)
	held, err := r.manager.CreateCheck(t.Context(), s.ID, object{"kind": "tcp", "name": "SSH", "target": "192.0.2.1:22"})
	r.must(err)
	free, err := r.manager.CreateCheck(t.Context(), s.ID, object{"kind": "tcp", "name": "Mail", "target": "192.0.2.1:25"})
	r.must(err)
	const says = "by ada: kernel update"
	for _, path := range []string{serverPath(s.ID), checkPath(held.ID)} {
		a := r.get(path).want(t, http.StatusOK)
		a.lacks(t, says)
	}
	h, err := r.manager.CreateHold(t.Context(), "ada", object{
		"kind": "maintenance", "for": "1h", "comment": "kernel update", "match": object{"tags": []any{"prod"}, "checks": []any{"SSH"}},
	})
	r.must(err)
	r.now = h.From
	if n := strings.Count(r.get(serverPath(s.ID)).want(t, http.StatusOK, "In maintenance until").words(), says); n != 2 {
		t.Errorf("the server's page says it %d times, want as a notice and beside one check", n)
	}
	r.get(checkPath(held.ID)).want(t, http.StatusOK, "In maintenance until", says, "It covers the check SSH on servers with the tag prod.")
	a := r.get(checkPath(free.ID)).want(t, http.StatusOK)
	a.lacks(t, says)
	if !strings.Contains(a.text, `href="holds/new?check=db-1%2FMail&amp;kind=silence"`) {
		t.Error("the check's page does not lead to a silence of it")
	}
}
