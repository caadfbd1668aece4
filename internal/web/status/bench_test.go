package status_test

import (
	"fmt"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// BenchmarkPublicPage shows a page of 2,000 checks to somebody who is the first
// to ask for a while, and to whoever comes after.
func BenchmarkPublicPage(b *testing.B) {
	r := setup(b)
	for i := range 1000 {
		for _, id := range r.server(fmt.Sprintf("server-%04d", i), "web", "HTTP", "SSH") {
			r.level(id, scout.Up, "")
		}
	}
	r.page(nil)
	for _, bb := range []struct {
		name string
		step time.Duration
	}{{"composed", time.Minute}, {"kept", 0}} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				r.move(bb.step)
				r.want(200, "status/our-services")
			}
		})
	}
}
