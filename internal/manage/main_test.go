package manage_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// object is an input: plain JSON.
type object = map[string]any

// ledger is a real store in the form manage wants it.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// setup opens a store in a folder of its own and a Manager of it. The clock
// advances whenever it is read, so that UpdatedAt tells what was saved.
func setup(t *testing.T) (*manage.Manager, *store.Store) {
	t.Helper()
	var ticks atomic.Int64
	began := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	s, err := store.Open(store.Options{
		Dir: t.TempDir(),
		Now: func() time.Time { return began.Add(time.Duration(ticks.Add(1)) * time.Second) },
	})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return manage.New(ledger{s}, egress.CheckURL), s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// value is must for a function that also returns a result.
func value[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// equal compares with the values of secrets, and takes no list for an empty one.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	sameSecret := cmp.Comparer(func(a, b scout.Secret) bool { return a.Reveal() == b.Reveal() })
	if d := cmp.Diff(want, got, sameSecret, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// wantCode fails the test unless err has the code.
func wantCode(t *testing.T, err error, code scout.Code) {
	t.Helper()
	if err == nil || scout.CodeOf(err) != code {
		t.Fatalf("got error %v, want one with code %s", err, code)
	}
}

// faultsOf returns the fields of an Invalid error.
func faultsOf(t *testing.T, err error) []scout.FieldError {
	t.Helper()
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Invalid || len(e.Fields) == 0 {
		t.Fatalf("got error %v, want an Invalid one with fields", err)
	}
	return e.Fields
}

// wantFaults fails the test unless err names exactly these fields.
func wantFaults(t *testing.T, err error, fields ...string) {
	t.Helper()
	got := []string{}
	for _, f := range faultsOf(t, err) {
		got = append(got, f.Field)
	}
	equal(t, "faulty fields", got, fields)
}

// with returns a copy of base with further keys.
func with(base, keys object) object {
	out := object{}
	for _, o := range []object{base, keys} {
		for k, v := range o {
			out[k] = v
		}
	}
	return out
}

// viaJSON returns an input as the API reads it.
func viaJSON(t interface{ Fatal(...any) }, v object) object {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out object
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// checksOf lists a server's checks by name.
func checksOf(t *testing.T, s *store.Store, server int64) map[string]scout.Check {
	t.Helper()
	list, err := s.ListChecks(context.Background(), scout.CheckFilter{ServerID: server}, 100)
	must(t, err)
	byName := map[string]scout.Check{}
	for _, c := range list {
		byName[c.Name] = c
	}
	return byName
}

func serversOf(t *testing.T, s *store.Store) map[string]scout.Server {
	t.Helper()
	list, err := s.ListServers(context.Background(), scout.ServerFilter{}, 100)
	must(t, err)
	byName := map[string]scout.Server{}
	for _, v := range list {
		byName[v.Name] = v
	}
	return byName
}

func webhooksOf(t *testing.T, s *store.Store) map[string]scout.Webhook {
	t.Helper()
	list, err := s.ListWebhooks(context.Background(), 0, 100)
	must(t, err)
	byName := map[string]scout.Webhook{}
	for _, w := range list {
		byName[w.Name] = w
	}
	return byName
}
