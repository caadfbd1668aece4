package manage

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"time"

	"serverscout/internal/scout"
)

const (
	freeGuesses  = 5                // wrong ones within guessWindow bring a refusal
	guessWindow  = 15 * time.Minute // also how long after a refusal it is forgotten
	firstRefusal = 30 * time.Second // the next one is twice as long, and so on
	longRefusal  = 15 * time.Minute // none is longer
	mostGuessers = 10_000           // of whom something is remembered
)

// guesses slows down who guesses passwords, by the name that is guessed for and
// by the address it comes from. It lives in memory: a restart forgets it. It is
// safe for concurrent use.
type guesses struct {
	mu  sync.Mutex
	of  map[string]*guesser
	max int // of entries
}

// guesser is what is remembered of a name or an address.
type guesser struct {
	wrong    []time.Time // the latest ones, freeGuesses at most
	refusals int
	until    time.Time // refused so long; zero if never
}

func newGuesses() *guesses { return &guesses{of: map[string]*guesser{}, max: mostGuessers} }

// refusal says when a guess may be made again, if one by any of these keys may
// not be made now.
func (g *guesses) refusal(now time.Time, keys ...string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var wait time.Duration
	for _, key := range keys {
		if it := g.of[key]; it != nil {
			wait = max(wait, it.until.Sub(now))
		}
	}
	if wait <= 0 {
		return nil
	}
	wait = (wait + time.Second - 1).Truncate(time.Second) // not a moment too early
	return scout.Errorf(scout.Unavailable, "the password was wrong too often: try again in %s", scout.Duration(wait))
}

// wrong notes a wrong guess.
func (g *guesses) wrong(now time.Time, keys ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range keys {
		it := g.of[key]
		if it == nil || it.forgotten(now) {
			g.makeRoom(now)
			it = &guesser{}
			g.of[key] = it
		}
		it.note(now)
	}
}

// right forgets the wrong guesses by a key.
func (g *guesses) right(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.of, key)
}

// makeRoom makes sure that there is room for one entry more. Those who are
// refused go last, so that no flood of others frees them.
func (g *guesses) makeRoom(now time.Time) {
	if len(g.of) < g.max {
		return
	}
	var first string
	for key, it := range g.of {
		if it.forgotten(now) {
			delete(g.of, key)
		} else if first == "" || it.before(g.of[first]) {
			first = key
		}
	}
	if len(g.of) >= g.max {
		delete(g.of, first)
	}
}

// note adds a wrong guess. After a refusal each one brings the next.
func (it *guesser) note(now time.Time) {
	it.wrong = slices.DeleteFunc(it.wrong, func(t time.Time) bool { return now.Sub(t) >= guessWindow })
	it.wrong = append(it.wrong[max(0, len(it.wrong)-freeGuesses+1):], now)
	if len(it.wrong) < freeGuesses && it.refusals == 0 {
		return
	}
	it.until = now.Add(min(firstRefusal<<min(it.refusals, 10), longRefusal))
	it.refusals++
}

// latest is when it was last guessed, or is let guess again.
func (it *guesser) latest() time.Time {
	last := it.wrong[len(it.wrong)-1]
	if it.until.After(last) {
		return it.until
	}
	return last
}

func (it *guesser) forgotten(now time.Time) bool { return now.Sub(it.latest()) >= guessWindow }

func (it *guesser) before(other *guesser) bool {
	return cmp.Or(cmp.Compare(it.refusals, other.refusals), it.latest().Compare(other.latest())) < 0
}

// guessedName is the key of a name.
func guessedName(name string) string {
	return "name " + scout.FoldName(scout.Shorten(name, longestAccountName+1))
}

// guessedFrom is the key of an address. Whoever has one address of the sixth
// version has all that share its first half.
func guessedFrom(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil {
		bits := 64
		if ip = ip.Unmap().WithZone(""); ip.Is4() {
			bits = 32
		}
		if network, err := ip.Prefix(bits); err == nil {
			address = network.Masked().String()
		}
	}
	return "address " + scout.Shorten(address, longestAccountName)
}
