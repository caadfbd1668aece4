package manage

import (
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// CheckKinds describes every check kind, sorted by name. The Fields of each are
// all keys of its checks, the common ones first.
func CheckKinds() []scout.CheckKind {
	kinds := []scout.CheckKind{}
	for _, k := range probe.Kinds() {
		kinds = append(kinds, describeKind(k))
	}
	return kinds
}

// CheckKind describes one check kind as CheckKinds does. The error is NotFound.
func CheckKind(name string) (scout.CheckKind, error) {
	k, ok := probe.Lookup(name)
	if !ok {
		return scout.CheckKind{}, scout.Errorf(scout.NotFound, "there is no check kind %q", name)
	}
	return describeKind(k), nil
}

func describeKind(k probe.Kind) scout.CheckKind {
	meta := k.CheckKind
	meta.Fields = CheckFields(k)
	return meta
}
