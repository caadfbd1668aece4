package manage

import (
	"bytes"
	"encoding/json"

	"serverscout/internal/scout"
)

// merge7396 applies a JSON merge patch (RFC 7396) to target, in place.
func merge7396(target, patch map[string]any) {
	for key, v := range patch {
		switch v := v.(type) {
		case nil:
			delete(target, key)
		case map[string]any:
			inner := map[string]any{}
			if old, ok := target[key].(map[string]any); ok {
				for k, o := range old {
					inner[k] = o
				}
			}
			merge7396(inner, v)
			target[key] = inner
		default:
			target[key] = v
		}
	}
}

// unmask puts stored secrets back where a client returned their mask.
func unmask(fields []scout.Field, values map[string]any, stored scout.Settings) {
	for _, f := range fields {
		switch {
		case f.Type == scout.TypeObject:
			inner, ok := values[f.Name].(map[string]any)
			old, had := stored[f.Name].(map[string]any)
			if ok && had {
				unmask(f.Fields, inner, old)
			}
		case !f.Secret:
		case f.Type == scout.TypeMap:
			inner, _ := values[f.Name].(map[string]any)
			old, _ := stored[f.Name].(map[string]any)
			for k, v := range inner {
				if v == scout.Masked && old[k] != nil {
					inner[k] = old[k]
				}
			}
		case values[f.Name] == scout.Masked && stored[f.Name] != nil:
			values[f.Name] = stored[f.Name]
		}
	}
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
