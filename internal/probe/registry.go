// Package probe holds the check kinds: for each its metadata, and for the
// active ones a Prober that looks at a service once and says how it is.
//
// A kind is one file, named in Kinds, and one folder of golden files under
// testdata. Everything a user sees of it (keys, defaults, help) follows from
// its metadata. A probe touches nothing but the service it looks at.
//
// Messages are one plain sentence each. They never contain credentials, query
// strings, header values, text received from a service (but for the addresses
// and host names in a DNS answer) or the wording of Go's errors.
package probe

import (
	"context"
	"maps"
	"slices"

	"serverscout/internal/scout"
)

// Prober looks at one service. It is safe for concurrent use.
type Prober interface {
	// Probe observes the service once, within the check's timeout, whatever
	// the deadline of ctx. Every fault of the service is a Down result, never
	// an error. Latency is 0 where no usable answer came. The result's level
	// is Unknown in one case only: ctx ended during the probe, so that the
	// observation says nothing about the service and must be dropped.
	Probe(ctx context.Context) scout.Result
}

// Kind is a check kind: its metadata and what can be done with a check of it.
type Kind struct {
	scout.CheckKind

	// DefaultTarget builds the target of a check that names none; "" where
	// none can be built.
	DefaultTarget func(server scout.Server) string

	// Compile reads target and settings once and returns what probes them.
	// Absent keys take their defaults, an absent timeout is 10 s. The error is
	// an Invalid *scout.Error whose fields are paths below the check, such as
	// "target" and "expect.status". Nil for passive kinds.
	Compile func(t scout.Target) (Prober, error)

	// Validate reports what Compile would, for passive kinds. Nil for others.
	Validate func(t scout.Target) error

	// Companion returns the check that c brings along, without ids, unless c
	// needs none or has it switched off. Nil for kinds that never have one.
	Companion func(c scout.Check, server scout.Server) (scout.Check, bool)
}

// registered holds every kind by name. It is written by the init functions of
// the kinds' files and only read afterwards.
var registered = map[string]Kind{}

// register adds a kind. A name that is empty or taken is a mistake in this
// package and stops the program at its start.
func register(k Kind) {
	if _, taken := registered[k.Name]; taken || k.Name == "" {
		panic("probe: bad or repeated kind name " + k.Name)
	}
	registered[k.Name] = k
}

// Kinds returns every check kind, sorted by name.
func Kinds() []Kind {
	list := make([]Kind, 0, len(registered))
	for _, name := range slices.Sorted(maps.Keys(registered)) {
		list = append(list, registered[name])
	}
	return list
}

// Lookup returns the kind of a name and whether there is one.
func Lookup(name string) (Kind, bool) {
	k, ok := registered[name]
	return k, ok
}
