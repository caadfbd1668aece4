// Package storetest is the conformance suite of the store: what every database
// behind it must do, as scenarios that know a store by its methods alone. A
// database is supported when it passes Run, for which it needs a Harness of a
// few lines.
//
// Every scenario runs in parallel with the others on a database of its own,
// and by a clock that moves only when the scenario moves it.
package storetest

import (
	"testing"
	"time"

	"serverscout/internal/store"
)

// Harness makes the databases that the suite runs on.
type Harness struct {
	// New makes an empty database and returns what Options.Data shall say to
	// open it. What it makes is gone after the test.
	New func(t testing.TB) string
	// Open opens a database as a new process would.
	Open func(o Options) (*store.Store, error)
}

// Options are what a scenario asks of an open store.
type Options struct {
	Data    string            // what New returned
	Key     []byte            // encryption key; nil: the database's own
	Now     func() time.Time  // the scenario's clock
	Changed func(store.Topic) // as in store.Options
}

// A concern is a group of scenarios about one thing, by what they show.
type concern struct {
	name      string
	scenarios map[string]func(*world)
}

// Run runs every scenario on databases of a harness.
func Run(t *testing.T, h Harness) {
	concerns := []concern{
		{"configuration", configuration},
		{"secrets", secrets},
		{"transactions", transactions},
		{"transitions", transitions},
		{"claims", claims},
		{"finish", finishes},
		{"order", order},
		{"health", health},
		{"recover", recoveries},
		{"clock", clocks},
		{"send again", again},
		{"webhooks", webhooks},
		{"lists", lists},
		{"results", results},
		{"rollups", rollups},
		{"retention", retention},
		{"availability", availability},
		{"tokens", tokens},
		{"accounts", accounts},
		{"filters", filters},
		{"stream", streams},
		{"idempotency", idempotency},
		{"outside alerts", outsideAlerts},
		{"forgetting", forgetting},
		{"status pages", statusPages},
		{"tellings", tellingScenarios},
		{"holds", holds},
	}
	for _, c := range concerns {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, scenario := range c.scenarios {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					scenario(newWorld(t, h))
				})
			}
		})
	}
}
