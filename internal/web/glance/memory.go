package glance

import (
	"context"
	"sync"
	"time"

	"serverscout/internal/scout"
)

const (
	// settling is how long after a beat a change in it may still be recorded: a
	// level is entered when its first result came, and that is confirmed later.
	settling = 24 * time.Hour
	// mostRemembered bounds the memory, in bars: about 2 KB each.
	mostRemembered = 20_000
)

// memory keeps how checks spent the beats of a bar that are over. That does not
// change any more, and is most of what a bar over weeks is drawn from. It is
// safe for concurrent use.
type memory struct {
	mu   sync.Mutex
	bars map[bar]settled
}

// A bar is what is remembered of a check: one for each length of beats.
type bar struct {
	check  int64
	length time.Duration
	n      int
}

// settled is how the first beats of a bar were spent. It holds for bars that
// begin at the same time.
type settled struct {
	from  time.Time
	spent []scout.Availability
}

// recall returns what is known of checks for the first beats of a frame, and of
// which of them nothing is.
func (m *memory) recall(ids []int64, f frame, beats int) (known map[int64][]scout.Availability, missing []int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known = make(map[int64][]scout.Availability, len(ids))
	for _, id := range ids {
		if s, ok := m.bars[bar{id, f.length, f.n}]; ok && s.from.Equal(f.from) && len(s.spent) == beats {
			known[id] = s.spent
		} else {
			missing = append(missing, id)
		}
	}
	return known, missing
}

// keep remembers a check for a frame.
func (m *memory) keep(id int64, f frame, spent []scout.Availability) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bars == nil || len(m.bars) >= mostRemembered {
		m.bars = map[bar]settled{}
	}
	m.bars[bar{id, f.length, f.n}] = settled{f.from, spent}
}

// spent returns how checks spent each beat of a frame up to now.
func (g *Reader) spent(ctx context.Context, ids []int64, f frame, now time.Time) (map[int64][]scout.Availability, error) {
	over := max(f.index(now.Add(-settling)), 0) // beats that do not change any more
	cut := f.start(over)
	known, missing := g.memory.recall(ids, f, over)
	if over > 0 && len(missing) > 0 {
		past, err := g.store.Stretches(ctx, missing, f.from, cut)
		if err != nil {
			return nil, err
		}
		for _, id := range missing {
			known[id] = f.divide(past[id])[:over:over]
			g.memory.keep(id, f, known[id])
		}
	}
	latest, err := g.store.Stretches(ctx, ids, cut, now)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		known[id] = append(known[id], f.divide(latest[id])[over:]...) // into a slice of its own
	}
	return known, nil
}
