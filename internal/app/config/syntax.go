package config

import "github.com/goccy/go-yaml/ast"

// placeOf returns where a node begins.
func placeOf(node ast.Node) place {
	// The syntax tree has a pair begin at its colon.
	if pairs := pairsOf(node); len(pairs) > 0 {
		if m, ok := node.(*ast.MappingNode); !ok || !m.IsFlowStyle {
			return placeOf(pairs[0].Key)
		}
	}
	if node == nil {
		return place{}
	}
	return placeOfToken(node.GetToken())
}

// pairsOf returns the pairs of a group of keys, nil for any other node.
func pairsOf(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	default:
		return nil
	}
}

// keyText returns a key as text: 404 and true are keys as they are written.
func keyText(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.MappingKeyNode: // ? key
		return keyText(n.Value)
	case *ast.AnchorNode:
		return keyText(n.Value)
	case *ast.MergeKeyNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}
