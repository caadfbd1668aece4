package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// maxBody is how many bytes a request's body may have.
const maxBody = 1 << 20

// serve registers an operation, whose path is below prefix, with what all
// operations have in common.
func serve[I, O any](a *api, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.Tags = []string{strings.Split(op.Path, "/")[1]}
	op.Errors = failures(op, reflect.TypeFor[I]())
	op.Path = prefix + op.Path
	op.MaxBodyBytes = maxBody + 1 // readBody keeps the limit
	op.SkipValidateBody = true    // manage does it, by the same metadata and in better words
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, op.OperationID, err)
		}
		return out, nil
	})
}

// failures lists the statuses an operation documents beside its success; huma
// adds 500.
func failures(op huma.Operation, input reflect.Type) []int {
	list := []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusServiceUnavailable} // 422: an unknown parameter
	if strings.Contains(op.Path, "{") {
		list = append(list, http.StatusNotFound)
	}
	if roleFor(&op) != scout.Viewer {
		list = append(list, http.StatusForbidden)
	}
	if op.Method != http.MethodGet {
		list = append(list, http.StatusConflict)
	}
	if _, ok := input.FieldByName("IfMatch"); ok {
		list = append(list, http.StatusBadRequest, http.StatusPreconditionFailed)
	}
	if _, ok := input.FieldByName("Body"); ok {
		list = append(list, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if _, ok := input.FieldByName("Cursor"); ok {
		list = append(list, http.StatusBadRequest)
	}
	return list
}

// answer is a response with a body.
type answer[T any] struct{ Body T }

// revised is the response that shows one object of which the changes count.
type revised[T any] struct {
	ETag string `header:"ETag" doc:"The object's revision in quotes, for If-Match."`
	Body T
}

// created is the response to making such an object.
type created[T any] struct {
	Location string `header:"Location" doc:"Where it is."`
	ETag     string `header:"ETag" doc:"The object's revision in quotes, for If-Match."`
	Body     T
}

// nothing is the response without a body, and the request without parameters.
type nothing struct{}

// byID is a request for one object.
type byID struct {
	ID int64 `path:"id" doc:"Its id."`
}

// byIDIfMatch is a request to delete one object.
type byIDIfMatch struct {
	ID int64 `path:"id" doc:"Its id."`
	IfMatch
}

// location is the path of an object of a collection.
func location(collection string, id int64) string {
	return prefix + "/" + collection + "/" + strconv.FormatInt(id, 10)
}

// views turns what was read into what is shown.
func views[T, V any](list []T, view func(T) V) []V {
	out := make([]V, 0, len(list))
	for _, v := range list {
		out = append(out, view(v))
	}
	return out
}

// instant is a time as answers show it, and as it is stored: UTC, to the
// microsecond.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// milliseconds is a measured duration as answers show it.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
