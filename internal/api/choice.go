package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// Choice is a parameter that is true, false or left out. Its methods are
// huma's way to tell the last two apart; it is exported for them.
type Choice struct {
	Value bool
	given bool
}

// Schema says that it is true or false, for huma.
func (Choice) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeBoolean} }

// Receiver is where huma puts the value.
func (c *Choice) Receiver() reflect.Value { return reflect.ValueOf(c).Elem().Field(0) }

// OnParamSet is told by huma whether there was a value.
func (c *Choice) OnParamSet(given bool, _ any) { c.given = given }

// only is the choice as a filter has it.
func (c Choice) only() scout.Only {
	switch {
	case !c.given:
		return scout.Either
	case c.Value:
		return scout.With
	default:
		return scout.Without
	}
}
