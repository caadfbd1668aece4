package holds

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestNoHolds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.get("holds").want(200, "Every alert goes out", "Neither swallows anything")
	r.get("holds?state=ended").want(200, "Nothing found", "Show all")
}

// three sets one hold of each state.
func three(r *rig) (active, planned, ended scout.Hold) {
	r.Helper()
	active = r.hold(object{"kind": "maintenance", "for": "2h", "match": object{"servers": []any{"db-1"}}, "comment": "kernel update"})
	planned = r.hold(object{"kind": "silence", "from": "2026-07-02T08:00:00Z", "for": "1h", "match": object{"tags": []any{"prod"}, "checks": []any{"HTTP"}}})
	ended = r.hold(object{"kind": "silence", "for": "1h", "everything": true})
	_, err := r.manager.EndHold(r.Context(), ended.ID)
	r.must(err)
	return active, planned, ended
}

func TestList(t *testing.T) {
	t.Parallel()
	r := setup(t)
	three(r)
	for address, want := range map[string][3]string{
		"holds": {
			"The server db-1 kernel update bob just now in 2 h 14:00 UTC End now Edit",
			"The check HTTP on servers with the tag prod bob in 20 h in 21 h 2026-07-02 09:00 UTC Call off Edit",
			"Everything bob just now just now Delete",
		},
		"holds?kind=maintenance":            {"The server db-1", "", ""},
		"holds?kind=silence":                {"", "The check HTTP", "Everything"},
		"holds?state=planned":               {"", "The check HTTP", ""},
		"holds?state=ended&kind=silence":    {"", "", "Everything"},
		"holds?state=<script>&kind=x":       {"The server db-1", "The check HTTP", "Everything"},
		"holds?state=ended&before=nonsense": {"", "", "Everything"},
	} {
		a := r.get(address).want(200)
		for i, id := range []string{"active", "planned", "ended"} {
			if got := a.at(id); !strings.Contains(got, want[i]) || (got == "") != (want[i] == "") {
				t.Errorf("%s: the section %s says %q, want %q", address, id, got, want[i])
			}
		}
	}
	r.zone = "Europe/Berlin"
	if got := r.get("holds").at("active"); !strings.Contains(got, "16:00 End now") {
		t.Errorf("for a reader in Berlin the section says %q", got)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for i := range perPage + 2 {
		r.hold(object{"kind": "silence", "for": "1h", "match": object{"servers": []any{fmt.Sprintf("server-%03d.", i)}}})
	}
	address, seen := "holds?kind=silence", 0
	for range 2 {
		a := r.get(address).want(200)
		seen += strings.Count(a.at("active"), "The server server-")
		address = ""
		for n := range a.root.Descendants() {
			if attr(n, "rel") == "next" {
				address = attr(n, "href")
			}
		}
		if seen == perPage && !strings.Contains(address, "kind=silence") {
			t.Errorf("the next page is %q", address)
		}
	}
	if seen != perPage+2 || address != "" {
		t.Errorf("the pages list %d holds, and then lead to %q", seen, address)
	}
}

func TestPrefilled(t *testing.T) {
	t.Parallel()
	r := setup(t)
	hostile := `"><script>alert(1)</script>`
	form := r.get("holds/new?kind=maintenance&tag=prod&check=HTTP&server="+url.QueryEscape(hostile)).want(200, "Plan maintenance").form()
	for name, want := range map[string]string{
		"kind": "maintenance", "match.servers": hostile, "match.tags": "prod", "match.checks": "HTTP", "for": "1h", "zone": "UTC", "from": "", "until": "",
	} {
		if got := form.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got := r.get("holds/new?kind=x").form().Get("kind"); got != "silence" {
		t.Errorf("of another kind the form has the kind %q", got)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typed       url.Values
		from, until time.Time
		match       scout.Match
		told        string
	}{
		"as it comes": {
			url.Values{"match.servers": {"db-1", " ", "db-1"}},
			noon, noon.Add(time.Hour),
			scout.Match{Servers: []string{"db-1"}},
			"Silence of the server db-1 lasts until 14:00",
		},
		"everything": {
			url.Values{"everything": {"true"}, "for": {"1d"}},
			noon, noon.Add(24 * time.Hour),
			scout.Match{},
			"Silence of everything lasts until 2026-07-02 13:00",
		},
		"planned, and until stands in the place of how long": {
			url.Values{"match.tags": {"prod"}, "from": {"2026-07-01T18:00"}, "until": {"2026-07-01 20:30"}},
			noon.Add(5 * time.Hour), noon.Add(7*time.Hour + 30*time.Minute),
			scout.Match{Tags: []string{"prod"}},
			"Silence of servers with the tag prod is planned from 18:00 until 20:30",
		},
		"the zone is the form's": {
			url.Values{"everything": {"true"}, "zone": {"UTC"}, "until": {"2026-07-01T15:00"}},
			noon, noon.Add(3 * time.Hour),
			scout.Match{},
			"Silence of everything lasts until 16:00",
		},
		"an instant": {
			url.Values{"everything": {"true"}, "until": {"2026-07-01T15:00:00Z"}},
			noon, noon.Add(3 * time.Hour),
			scout.Match{},
			"Silence of everything lasts until 16:00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			r.zone = "Europe/London" // one hour ahead
			form := r.get("holds/new").form()
			for key, values := range tt.typed {
				form[key] = values
			}
			form.Set("comment", " known ")
			r.post("holds/new", form).goesToList()
			h, err := r.store.Hold(t.Context(), 1)
			r.must(err)
			if !h.From.Equal(tt.from) || !h.Until.Equal(tt.until) || h.Author != "ada" || h.Comment != "known" || h.Kind != scout.Silence {
				t.Errorf("the hold is %+v", h)
			}
			if fmt.Sprint(h.Match) != fmt.Sprint(tt.match) {
				t.Errorf("it covers %v, want %v", h.Match, tt.match)
			}
			if !slices.Contains(r.told, tt.told) {
				t.Errorf("told %q, want %q", r.told, tt.told)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 1001)
	for name, tt := range map[string]struct {
		typed    url.Values
		at, says string
	}{
		"nothing":              {url.Values{}, "match-error", "names nothing"},
		"everything and some":  {url.Values{"everything": {"true"}, "match.tags": {"x"}}, "", "leave one of them out"},
		"over before it began": {url.Values{"match.tags": {"x"}, "from": {"2026-07-02T10:00"}, "until": {"2026-07-02T09:00"}}, "until-error", "must be later"},
		"no time":              {url.Values{"match.tags": {"x"}, "from": {"<b>soon</b>"}}, "from-error", "must be a time"},
		"no length":            {url.Values{"match.tags": {"x"}, "for": {"ever"}}, "for-error", "is not a duration"},
		"no end":               {url.Values{"match.tags": {"x"}, "for": {""}}, "until-error", "is missing"},
		"no kind":              {url.Values{"match.tags": {"x"}, "kind": {""}}, "kind-error", "is missing"},
		"a comment too long":   {url.Values{"match.tags": {"x"}, "comment": {long}}, "comment-error", "at most 1000"},
		"too many names":       {url.Values{"match.checks": manyNames(1001)}, "match.checks-error", "at most 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			form := r.get("holds/new").form()
			for key, values := range tt.typed {
				form[key] = values
			}
			a := r.post("holds/new", form).want(http.StatusUnprocessableEntity, tt.says)
			if tt.at != "" && !strings.Contains(a.at(tt.at), tt.says) {
				t.Errorf("beside the field stands %q, want %q", a.at(tt.at), tt.says)
			}
			kept := a.form()
			for key, values := range tt.typed {
				if key != "kind" && strings.Join(kept[key], ",") != strings.Join(values, ",") {
					t.Errorf("%s was typed %.50q and is now %.50q", key, values, kept[key])
				}
			}
			if list, err := r.store.ListHolds(t.Context(), scout.HoldFilter{}, 1); err != nil || len(list) > 0 {
				t.Errorf("it was set all the same: %v, %v", list, err)
			}
		})
	}
}

func manyNames(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("check ", i)
	}
	return list
}

func TestEdit(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.zone = "Europe/Berlin"
	r.now = noon.Add(17 * time.Second)
	h := r.hold(object{"kind": "silence", "for": "2h", "match": object{"servers": []any{"db-1"}, "tags": []any{"prod"}}})
	form := r.get(pathOf(h.ID, "edit")).want(200, "Edit silence", "Set by bob").form()
	if got := form.Get("until"); got != "2026-07-01T16:00" {
		t.Errorf("until = %q", got)
	}

	form.Set("comment", "new disks")
	form["match.tags"] = []string{""}
	r.post(pathOf(h.ID, "edit"), form).goesToList()
	got, err := r.store.Hold(t.Context(), h.ID)
	r.must(err)
	if !got.Until.Equal(h.Until) || got.Comment != "new disks" || len(got.Match.Tags) > 0 || len(got.Match.Servers) != 1 {
		t.Errorf("the hold is %+v", got)
	}

	a := r.post(pathOf(h.ID, "edit"), form).want(http.StatusConflict)
	if kept := a.form().Get("comment"); kept != "new disks" {
		t.Errorf("after somebody else's change the comment is %q", kept)
	}

	form = r.get(pathOf(h.ID, "edit")).form()
	form.Set("for", "30m")
	r.post(pathOf(h.ID, "edit"), form).goesToList()
	form = r.get(pathOf(h.ID, "edit")).form()
	if got := form.Get("until"); got != "2026-07-01T14:30" {
		t.Errorf("with another length it lasts until %q", got)
	}
	form.Set("until", "2026-07-01T18:00")
	form.Set("for", "8h")
	r.post(pathOf(h.ID, "edit"), form).goesToList()
	if got, err = r.store.Hold(t.Context(), h.ID); err != nil || !got.Until.Equal(noon.Add(4*time.Hour)) {
		t.Errorf("with another end it lasts until %s, %v", got.Until, err)
	}
}

func TestEndAndDelete(t *testing.T) {
	t.Parallel()
	r := setup(t)
	h, _, _ := three(r)
	edit, end, remove := pathOf(h.ID, "edit"), pathOf(h.ID, "end"), pathOf(h.ID, "delete")
	r.get(remove).want(http.StatusConflict, "end it first")
	r.post(remove, nil).want(http.StatusConflict)
	r.post(end, nil).goesToList()
	r.post(end, nil).goesToList()
	r.get(edit).want(http.StatusConflict, "has ended")
	r.post(edit, url.Values{"comment": {"x"}}).want(http.StatusConflict)
	form := r.get(remove).want(200, "Delete the maintenance of the server db-1?").form()
	r.post(remove, url.Values{"revision": {"1"}}).want(http.StatusConflict)
	r.post(remove, form).goesToList()
	for _, path := range []string{edit, remove, "holds/0/edit", "holds/x/edit"} {
		r.get(path).want(http.StatusNotFound)
	}
	r.post(end, nil).want(http.StatusNotFound)
}

func TestOver(t *testing.T) {
	t.Parallel()
	r := setup(t)
	three(r)
	r.now = noon.Add(48 * time.Hour)
	if got := strings.Count(r.get("holds").at("ended"), "Delete"); got != 3 {
		t.Errorf("when all are over, %d are listed as ended", got)
	}
}

func TestViewer(t *testing.T) {
	t.Parallel()
	r := setup(t)
	h, _, _ := three(r)
	r.role = scout.Viewer
	r.get("holds").want(200)
	r.post(pathOf(h.ID, "end"), nil).want(http.StatusForbidden)
	r.post("holds/new", url.Values{}).want(http.StatusForbidden)
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	r := setup(t)
	hostile := "<script>alert(1)</script>" + strings.Repeat("x", 64<<10)
	_, err := r.manager.CreateServer(t.Context(), object{"name": "<script>", "ip": "192.0.2.1", "tags": []any{"<b>"}})
	r.must(err)
	h := r.hold(object{"kind": "silence", "for": "1h", "match": object{"servers": []any{hostile}}, "comment": "<img src=x onerror=alert(1)>"})
	r.get("holds").want(200, "<script>alert(1)", "<img src=x")
	r.get(pathOf(h.ID, "edit")).want(200)
}

func TestNoForm(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.post("holds/new", url.Values{}).want(http.StatusUnprocessableEntity)
	r.post("holds/new", url.Values{"zone": {"../../etc"}, "everything": {"true"}, "kind": {"silence"}, "for": {"1h"}}).goesToList()
}
