package client

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"
)

// List is what a list operation found.
type List[T any] struct {
	Items []Answer[T]
	More  bool // there are more than the limit let through
}

// pageSize is what the API gives at most in one answer.
const pageSize = 500

// list reads as many pages as the limit asks for; 0 asks for all.
func list[T any](ctx context.Context, c *Client, path string, filter any, limit int) (List[T], error) {
	found := List[T]{Items: []Answer[T]{}}
	query := parameters(filter)
	for {
		size := pageSize
		if limit > 0 {
			size = min(limit-len(found.Items), pageSize)
		}
		query.Set("limit", strconv.Itoa(size))
		body, _, err := c.ask(ctx, call{method: http.MethodGet, path: path, query: query})
		if err != nil {
			return found, err
		}
		var page struct {
			Items []Answer[T] `json:"items"`
			Next  string      `json:"next"`
		}
		if err := c.decode(body, &page); err != nil {
			return found, err
		}
		found.Items = append(found.Items, page.Items...)
		if page.Next == "" {
			return found, nil
		}
		if limit > 0 && len(found.Items) >= limit {
			found.More = true
			return found, nil
		}
		query.Set("cursor", page.Next)
	}
}

// all reads a list that comes in one page.
func all[T any](ctx context.Context, c *Client, path string) (List[T], error) {
	body, _, err := c.ask(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return List[T]{}, err
	}
	var page struct {
		Items []Answer[T] `json:"items"`
	}
	err = c.decode(body, &page)
	return List[T]{Items: page.Items}, err
}

// parameters writes a filter down: each field that is not zero, under the name
// in its tag. A nil filter has none.
func parameters(filter any) url.Values {
	values := url.Values{}
	if filter == nil {
		return values
	}
	v := reflect.ValueOf(filter)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		name := v.Type().Field(i).Tag.Get("query")
		switch f := v.Field(i).Interface().(type) {
		case string:
			values.Set(name, f)
		case int64:
			values.Set(name, strconv.FormatInt(f, 10))
		case bool:
			values.Set(name, strconv.FormatBool(f))
		case time.Time:
			values.Set(name, f.UTC().Format(time.RFC3339Nano))
		default:
			panic("client: a filter cannot hold a " + v.Field(i).Type().String())
		}
	}
	return values
}

// at is the path of an object of a collection, and of what can be done with it.
func at[ID int64 | string](collection string, id ID, operation string) string {
	path := "/" + collection + "/"
	switch id := any(id).(type) {
	case int64:
		path += strconv.FormatInt(id, 10)
	case string:
		path += url.PathEscape(id)
	}
	if operation != "" {
		path += "/" + operation
	}
	return path
}
