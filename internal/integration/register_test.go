package integration

import (
	"testing"

	"serverscout/internal/scout"
)

func TestRegisterRefusesBadNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "auto", "native", "slack"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was registered", name)
				}
			}()
			register(Format{FormatMeta: scout.FormatMeta{Name: name}})
		}()
	}
}
