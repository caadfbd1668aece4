package config

import (
	"fmt"
	"maps"
	"math"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"serverscout/internal/scout"
)

// maxRepeated is how many values the aliases of a file repeat at most: a few
// lines of aliases of aliases stand for billions.
const maxRepeated = 1_000_000

// placeholder stands where a value could not be read. It is a valid name, word
// and host, so that what is derived from it is not reported as well.
const placeholder = "x"

// walker turns syntax into a document.
type walker struct {
	doc       *document
	refs      references
	limit     int // of repeated
	repeated  int // values that aliases repeated so far
	depth     int
	aliases   int // how many aliases it is inside of
	anchors   map[string]ast.Node
	targets   map[*ast.AliasNode]ast.Node // what each alias stood for when it was first met
	expanded  map[ast.Node]expansion      // so that an alias does not read files again
	exhausted *fault                      // a bound was met; nothing further is read
}

func newWalker(refs references, limit int) *walker {
	return &walker{
		doc: &document{
			places:   map[string]place{},
			keys:     map[string]place{},
			included: map[string][]string{},
			broken:   map[string]bool{},
		},
		refs:     refs,
		limit:    limit,
		anchors:  map[string]ast.Node{},
		targets:  map[*ast.AliasNode]ast.Node{},
		expanded: map[ast.Node]expansion{},
	}
}

// walk reads the file's body; nil is an empty file.
func (w *walker) walk(body ast.Node) (*document, *fault) {
	if body == nil {
		return w.doc, nil
	}
	root := w.value("", body)
	if w.exhausted != nil {
		return nil, w.exhausted
	}
	keys, ok := root.(map[string]any)
	if !ok && root != nil {
		return nil, &fault{at: placeOf(body), message: "must be a group of keys, such as listen, servers and webhooks"}
	}
	w.doc.root = keys
	return w.doc, nil
}

// fault reports what is wrong with a value, once, however many aliases repeat
// the value.
func (w *walker) fault(path string, at place, format string, args ...any) {
	if w.aliases > 0 {
		w.doc.broken[path] = true
		return
	}
	w.doc.fault(path, at, fmt.Sprintf(format, args...))
}

// enter counts a value and reports whether the bounds hold. Every enter is
// followed by a leave.
func (w *walker) enter(path string, node ast.Node) bool {
	w.depth++
	if w.aliases > 0 {
		w.repeated++
	}
	if w.exhausted != nil {
		return false
	}
	switch {
	case w.depth > maxNesting:
		w.exhausted = &fault{at: placeOf(node), path: scout.Shorten(path, 80), message: nestingAdvice}
	case w.repeated > w.limit:
		w.exhausted = &fault{at: placeOf(node), path: scout.Shorten(path, 80), message: fmt.Sprintf("aliases repeat more than %d values", w.limit)}
	}
	return w.exhausted == nil
}

func (w *walker) leave() { w.depth-- }

// value reads the value at a path.
func (w *walker) value(path string, node ast.Node) any {
	defer w.leave()
	if !w.enter(path, node) {
		return nil
	}
	// Of an alias the first place is that of the alias, and it stays.
	if _, known := w.doc.places[path]; !known {
		w.doc.places[path] = placeOf(node)
	}
	switch n := node.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		var v any
		w.follow(path, node, func(target ast.Node) { v = w.value(path, target) })
		return v
	case *ast.MappingNode, *ast.MappingValueNode:
		group := map[string]any{}
		w.fill(group, path, pairsOf(node), nil)
		return group
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, item := range n.Values {
			list[i] = w.value(index(path, i), item)
		}
		return list
	case *ast.StringNode:
		return w.text(path, n, n.Token, n.Value)
	case *ast.LiteralNode:
		return w.text(path, n, n.Value.Token, n.Value.Value)
	case *ast.TagNode:
		return w.tagged(path, n)
	case ast.ScalarNode:
		w.keep(path, n, n.GetToken(), n.GetToken().Value)
		return plain(n)
	default:
		w.fault(path, placeOf(node), "a value cannot be written like this")
		return placeholder
	}
}

// plain returns the value of a number, true, false or null.
func plain(n ast.ScalarNode) any {
	if u, ok := n.GetValue().(uint64); ok && u <= math.MaxInt64 {
		return int64(u)
	}
	return n.GetValue()
}

// tagged reads a value with a tag. Only !!str has a use here: 404 as text.
func (w *walker) tagged(path string, n *ast.TagNode) any {
	s, isScalar := n.Value.(ast.ScalarNode)
	if n.Start.Value != string(token.StringTag) || !isScalar {
		w.fault(path, placeOf(n), "has the tag %s, which means nothing here: remove it", scout.Shorten(n.Start.Value, 80))
		return placeholder
	}
	switch n.Value.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return w.text(path, s, s.GetToken(), s.GetToken().Value)
	default:
		return w.value(path, n.Value)
	}
}

// text reads a string and replaces the references in it.
func (w *walker) text(path string, node ast.Node, t *token.Token, raw string) string {
	w.keep(path, node, t, raw)
	if !strings.Contains(raw, "${") {
		return raw
	}
	e, known := w.expanded[node]
	if !known {
		e = w.refs.expand(raw)
		w.expanded[node] = e
	}
	for _, message := range e.faults {
		w.fault(path, placeOf(node), "%s", message)
	}
	if len(e.faults) > 0 {
		return placeholder
	}
	w.doc.include(path, e.values...)
	return e.text
}

// keep records how a single value is written.
func (w *walker) keep(path string, node ast.Node, t *token.Token, text string) {
	lines := strings.Count(strings.TrimSpace(t.Origin), "\n")
	if _, literal := node.(*ast.LiteralNode); literal {
		lines++ // it begins on the line after its | or >
	}
	w.doc.scalars = append(w.doc.scalars, scalar{path, placeOf(node), lines, text})
}

// follow hands on what an anchor names or an alias stands for.
func (w *walker) follow(path string, node ast.Node, read func(ast.Node)) {
	switch n := node.(type) {
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		if w.aliases > 0 { // named already, and perhaps named anew since
			read(n.Value)
			return
		}
		w.anchors[name] = nil
		read(n.Value)
		w.anchors[name] = n.Value
	case *ast.AliasNode:
		target := w.target(path, n)
		if target == nil {
			return
		}
		w.aliases++
		read(target)
		w.aliases--
	}
}

// target returns what an alias stands for, nil if it is nothing.
func (w *walker) target(path string, n *ast.AliasNode) ast.Node {
	if target, met := w.targets[n]; met {
		return target
	}
	name := n.Value.GetToken().Value
	target, known := w.anchors[name]
	w.targets[n] = target
	switch {
	case !known:
		w.fault(path, placeOf(n), "*%s stands for nothing: there is no &%s above it", name, name)
	case target == nil:
		w.fault(path, placeOf(n), "*%s stands within the value of &%s, which would never end", name, name)
	}
	return target
}

// fill adds pairs to a group, but for the keys that are taken or in it already.
func (w *walker) fill(group map[string]any, path string, pairs []*ast.MappingValueNode, taken map[string]bool) {
	own := maps.Clone(taken)
	if own == nil {
		own = map[string]bool{}
	}
	for _, pair := range pairs {
		if name, ok := keyText(pair.Key); ok && !pair.Key.IsMergeKey() {
			own[name] = true
		}
	}
	seen := map[string]place{}
	for _, pair := range pairs {
		name, ok := keyText(pair.Key)
		here := placeOf(pair.Key)
		if !ok {
			w.fault(path, here, "a key must be plain text, without * and tags")
			continue
		}
		under := scout.JoinPath(path, name)
		if first, twice := seen[name]; twice {
			w.fault(under, here, "is given twice: the first is on line %d", first.line)
			w.value(under, pair.Value) // for what is wrong within it
			continue
		}
		seen[name] = here
		if pair.Key.IsMergeKey() {
			w.merge(group, path, pair.Value, own)
			continue
		}
		if _, merged := group[name]; !merged && !taken[name] {
			w.doc.keys[under] = here
			group[name] = w.value(under, pair.Value)
		}
	}
}

// merge adds what << names: a group, or a list of groups of which the earlier
// go before the later.
func (w *walker) merge(group map[string]any, path string, node ast.Node, taken map[string]bool) {
	defer w.leave()
	if !w.enter(path, node) {
		return
	}
	switch n := node.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		w.follow(path, node, func(target ast.Node) { w.merge(group, path, target, taken) })
	case *ast.MappingNode, *ast.MappingValueNode:
		w.fill(group, path, pairsOf(node), taken)
	case *ast.SequenceNode:
		for _, item := range n.Values {
			w.merge(group, path, item, taken)
		}
	default:
		w.fault(path, placeOf(node), "<< takes a group of keys, or a list of groups")
	}
}
