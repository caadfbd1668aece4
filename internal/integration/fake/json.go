package fake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// object is a JSON object that remembers the order of its keys.
type object struct {
	keys   []string
	values map[string]any
}

// only fails when the object has a key that is not allowed.
func (o object) only(allowed ...string) error {
	for _, key := range o.keys {
		if !slices.Contains(allowed, key) {
			return fmt.Errorf("unknown key %q", key)
		}
	}
	return nil
}

// has reports whether the key is present, whatever its value.
func (o object) has(key string) bool {
	_, ok := o.values[key]
	return ok
}

// text returns a string value; "" and false when it is absent or no string.
func (o object) text(key string) (string, bool) {
	s, ok := o.values[key].(string)
	return s, ok
}

// list returns an array of lo to hi items.
func (o object) list(key string, lo, hi int) ([]any, error) {
	items, ok := o.values[key].([]any)
	if !ok || len(items) < lo || len(items) > hi {
		return nil, fmt.Errorf("%s must be a list of %d to %d items", key, lo, hi)
	}
	return items, nil
}

// parseObject reads one JSON object strictly: valid UTF-8, no key twice,
// nothing after it.
func parseObject(body []byte) (object, error) {
	if !utf8.Valid(body) {
		return object{}, errors.New("the body is not valid UTF-8")
	}
	if !json.Valid(body) {
		return object{}, errors.New("the body is not one JSON value")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := parseValue(dec)
	if err != nil {
		return object{}, err
	}
	o, ok := v.(object)
	if !ok {
		return object{}, errors.New("the body is not a JSON object")
	}
	return o, nil
}

func parseValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return parseMembers(dec)
	case json.Delim('['):
		return parseItems(dec)
	}
	return token, nil
}

func parseMembers(dec *json.Decoder) (object, error) {
	o := object{values: map[string]any{}}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return o, err
		}
		key, _ := token.(string)
		if o.has(key) {
			return o, fmt.Errorf("the key %q stands twice", key)
		}
		value, err := parseValue(dec)
		if err != nil {
			return o, err
		}
		o.keys = append(o.keys, key)
		o.values[key] = value
	}
	_, err := dec.Token() // the closing brace
	return o, err
}

func parseItems(dec *json.Decoder) ([]any, error) {
	items := []any{}
	for dec.More() {
		value, err := parseValue(dec)
		if err != nil {
			return items, err
		}
		items = append(items, value)
	}
	_, err := dec.Token() // the closing bracket
	return items, err
}
