package status

import (
	"context"
	"sync"
	"time"

	"serverscout/internal/scout"
)

// freshFor is how long a board is shown before it is composed anew.
const freshFor = 15 * time.Second

// boards keeps what pages show, so that visitors cost nothing, however many
// there are. It is safe for concurrent use; the zero value is empty.
type boards struct {
	mu     sync.Mutex
	byPage map[int64]*kept
}

// kept is the latest board of one page, and the document drawn from it.
type kept struct {
	mu    sync.Mutex // held while it is made: others wait, and make none
	board *board
	drawn document
}

// of returns a page's board and document: those that are kept, if they are
// fresh and of the page as it is, or what compose makes.
func (b *boards) of(ctx context.Context, p scout.StatusPage, now time.Time, compose func(context.Context) (*board, document, error)) (*board, document, error) {
	k := b.kept(p.ID)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.board != nil && k.board.Page.Revision == p.Revision && fresh(k.board.At, now) {
		return k.board, k.drawn, nil
	}
	made, drawn, err := compose(ctx)
	if err != nil {
		return nil, document{}, err
	}
	k.board, k.drawn = made, drawn
	return made, drawn, nil
}

// fresh reports whether what was made at a time still serves. After the clock
// was set back, nothing made before does.
func fresh(made, now time.Time) bool {
	age := now.Sub(made)
	return age >= 0 && age < freshFor
}

func (b *boards) kept(pageID int64) *kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byPage == nil {
		b.byPage = map[int64]*kept{}
	}
	k := b.byPage[pageID]
	if k == nil {
		k = &kept{}
		b.byPage[pageID] = k
	}
	return k
}

// forget drops what is kept of a page, so that a change is seen at once.
func (b *boards) forget(pageID int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byPage, pageID)
}
