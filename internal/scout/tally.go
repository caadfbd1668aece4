package scout

// Tally counts checks by what is known of them. Each is counted once: a paused
// one as paused, whatever its level was.
type Tally struct{ Up, Warning, Down, Unknown, Paused int }

// Total is how many checks there are.
func (t Tally) Total() int { return t.Up + t.Warning + t.Down + t.Unknown + t.Paused }
