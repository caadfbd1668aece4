package manage_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const goodPassword = "correct horse battery"

func secret(s string) scout.Secret { return scout.NewSecret(s) }

func newAccount(name string, role scout.Role) object {
	return object{"name": name, "role": string(role), "password": goodPassword}
}

// begin signs an account in, in one browser more.
func begin(t *testing.T, s *store.Store, token string, a scout.Account) scout.Session {
	t.Helper()
	return value(s.Sessions().Begin(t.Context(), token, a, "192.0.2.7", "Firefox", a.CreatedAt.Add(1000*time.Hour)))(t)
}

// sessionsOf lists the ids of an account's sessions.
func sessionsOf(t *testing.T, s *store.Store, account int64) []int64 {
	t.Helper()
	ids := []int64{}
	for _, v := range value(s.ListSessions(t.Context(), account, 0, 100))(t) {
		ids = append(ids, v.ID)
	}
	return ids
}

func TestAccountFaults(t *testing.T) {
	t.Parallel()
	m, _ := setup(t)
	const tooObvious = "is one of the first that a stranger tries: choose another"
	testFaults(t, newAccount("ada", scout.Admin), map[string]faultCase{
		"no role":                     {object{"role": nil}, fault("role", "", "is missing: "+manage.AccountFields()[1].Help)},
		"a role there is not":         {object{"role": "root"}, fault("role", "root", "must be one of viewer, editor, admin")},
		"a long name":                 {object{"name": strings.Repeat("ä", 65)}, fault("name", "", "must be from 1 to 64 characters")},
		"an empty name":               {object{"name": ""}, fault("name", "", "must be from 1 to 64 characters")},
		"a blank name":                {object{"name": " "}, fault("name", " ", notBlank)},
		"a name with margins":         {object{"name": "ada "}, fault("name", "ada ", noMargins)},
		"a name that steers":          {object{"name": "a\x1bda"}, fault("name", "a\x1bda", invisible)},
		"a name of another form":      {object{"name": []any{}}, fault("name", "", "must be text, such as ada")},
		"no password":                 {object{"password": nil}, fault("password", "", "is missing: "+manage.AccountFields()[2].Help)},
		"a short password":            {object{"password": "ä23456789"}, fault("password", "", "must be from 10 to 1000 characters")},
		"a long password":             {object{"password": strings.Repeat("ä", 1001)}, fault("password", "", "must be from 10 to 1000 characters")},
		"a number for a password":     {object{"password": 1234567890123}, fault("password", "", "must be text")},
		"an obvious password":         {object{"password": "PassWord123"}, fault("password", "", tooObvious)},
		"the name for a password":     {object{"name": "ada lovelace", "password": "Ada Lovelace"}, fault("password", "", "must not be the name")},
		"a mask for a password":       {object{"password": scout.Masked + "12345"}, fault("password", "", "holds the mask that stands for a secret: give the secret itself")},
		"a key that there is not":     {object{"hash": "$argon2id$"}, fault("hash", "", scout.UnknownKey("hash", []string{"name", "password", "role"}))},
		"a revision is not to be set": {object{"revision": 7}, fault("revision", "", scout.UnknownKey("revision", []string{"name", "password", "role"}))},
	}, func(in object) error {
		_, err := m.CreateAccount(context.Background(), in)
		return err
	})
}

func TestAccountsAreMade(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	long := with(newAccount("ada", scout.Viewer), object{"password": strings.Repeat("ä", 1000), "name": strings.Repeat("ä", 64)})
	a := value(m.CreateAccount(t.Context(), long))(t)
	equal(t, "account", a, value(s.Account(t.Context(), a.ID))(t))
	value(m.SignIn(t.Context(), strings.Repeat("Ä", 64), secret(strings.Repeat("ä", 1000)), "192.0.2.7"))(t)
	_, err := m.CreateAccount(t.Context(), newAccount(strings.Repeat("Ä", 64), scout.Admin))
	wantCode(t, err, scout.Conflict)
}

// Of many who make the first account at once, one has made it.
func TestFirstAccount(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	_, err := m.CreateFirstAccount(t.Context(), "", secret("short"))
	wantFaults(t, err, "name", "password")
	var made sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		made.Go(func() { _, errs[i] = m.CreateFirstAccount(t.Context(), strings.Repeat("x", i+1), secret(goodPassword)) })
	}
	made.Wait()
	conflicts := 0
	for _, err := range errs {
		if err != nil {
			wantCode(t, err, scout.Conflict)
			conflicts++
		}
	}
	list := value(s.ListAccounts(t.Context(), 0, 10))(t)
	if conflicts != len(errs)-1 || len(list) != 1 || list[0].Role != scout.Admin {
		t.Errorf("%d were refused, made was %+v", conflicts, list)
	}
}

func TestChangeAccount(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	admin := value(m.CreateAccount(ctx, newAccount("root", scout.Admin)))(t)
	a := value(m.CreateAccount(ctx, newAccount("ada", scout.Viewer)))(t)
	session := begin(t, s, "t", a)
	changed := value(m.ChangeAccount(ctx, a.ID, a.Revision, object{"name": "Ada", "role": "editor", "password": nil}))(t)
	want := a
	want.Name, want.Role, want.Revision, want.UpdatedAt = "Ada", scout.Editor, 2, changed.UpdatedAt
	equal(t, "changed account", changed, want)
	equal(t, "stored account", value(s.Account(ctx, a.ID))(t), want)
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{session.ID})

	_, err := m.ChangeAccount(ctx, a.ID, a.Revision, object{"password": "another password"})
	wantCode(t, err, scout.Changed)
	_, err = m.ChangeAccount(ctx, a.ID, 0, object{"password": "short", "role": nil})
	wantFaults(t, err, "role", "password")
	_, err = m.ChangeAccount(ctx, a.ID, 0, object{"password": ""})
	wantFaults(t, err, "password")
	_, err = m.ChangeAccount(ctx, a.ID, 0, object{"name": "ROOT"})
	wantCode(t, err, scout.Conflict)
	_, err = m.ChangeAccount(ctx, 99, 0, object{})
	wantCode(t, err, scout.NotFound)
	value(m.SignIn(ctx, "ada", secret(goodPassword), ""))(t)

	value(m.ChangeAccount(ctx, a.ID, 2, object{"password": "another password"}))(t)
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{})
	value(m.SignIn(ctx, "ada", secret("another password"), ""))(t)
	_, err = m.SignIn(ctx, "ada", secret(goodPassword), "")
	wantCode(t, err, scout.Unauthorized)
	equal(t, "the other account", value(s.Account(ctx, admin.ID))(t), admin)
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	first := value(m.CreateFirstAccount(ctx, "root", secret(goodPassword)))(t)
	a := value(m.CreateAccount(ctx, newAccount("ada", scout.Editor)))(t)
	wantCode(t, m.DeleteAccount(ctx, first.ID, 0), scout.Conflict)
	_, err := m.ChangeAccount(ctx, first.ID, 0, object{"role": "editor"})
	wantCode(t, err, scout.Conflict)
	value(m.ChangeAccount(ctx, first.ID, 0, object{"name": "boss"}))(t)
	a = value(m.ChangeAccount(ctx, a.ID, 0, object{"role": "admin"}))(t)
	begin(t, s, "t", first)
	wantCode(t, m.DeleteAccount(ctx, first.ID, 1), scout.Changed)
	must(t, m.DeleteAccount(ctx, first.ID, 2))
	equal(t, "sessions of a removed account", sessionsOf(t, s, first.ID), []int64{})
	wantCode(t, m.DeleteAccount(ctx, first.ID, 0), scout.NotFound)
	wantCode(t, m.DeleteAccount(ctx, a.ID, 0), scout.Conflict)
}

func TestSessionsAreEnded(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	a := value(m.CreateAccount(ctx, newAccount("ada", scout.Admin)))(t)
	one, two, three := begin(t, s, "1", a), begin(t, s, "2", a), begin(t, s, "3", a)
	must(t, m.EndSession(ctx, a.ID, two.ID))
	wantCode(t, m.EndSession(ctx, a.ID, two.ID), scout.NotFound)
	wantCode(t, m.EndSession(ctx, a.ID+1, one.ID), scout.NotFound)
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{one.ID, three.ID})
	must(t, m.EndSessions(ctx, a.ID, three.ID))
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{three.ID})
	must(t, m.EndSessions(ctx, a.ID, 0))
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{})
	wantCode(t, m.EndSessions(ctx, a.ID+1, 0), scout.NotFound)
}
