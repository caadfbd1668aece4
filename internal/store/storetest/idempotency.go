package storetest

import (
	"fmt"
	"time"

	"serverscout/internal/scout"
)

var idempotency = map[string]func(*world){
	"an answer is given again":                   answerAgain,
	"a key belongs to one token and one request": keyOfOneRequest,
	"a key is claimed by one at a time":          keyClaimedOnce,
	"a key that is released is new":              keyReleased,
	"an earlier process's claim counts for none": keyOfEarlierProcess,
	"answers are forgotten after a day":          answersForgotten,
}

var oneRequest, otherRequest = []byte("one"), []byte("other")

// claims fails the scenario unless a key can be claimed.
func (w *world) claims(token int64, key string, request []byte) {
	w.Helper()
	answer, claimed, err := w.store.ClaimKey(w.Context(), token, key, request)
	if err != nil || !claimed || answer != nil {
		w.Fatalf("claiming the key %q of token %d: %q, %t, %v", key, token, answer, claimed, err)
	}
}

// replays fails the scenario unless a key's answer is given again.
func (w *world) replays(token int64, key string, request []byte, want string) {
	w.Helper()
	answer, claimed, err := w.store.ClaimKey(w.Context(), token, key, request)
	if err != nil || claimed || string(answer) != want {
		w.Errorf("the key %q of token %d: %q, claimed = %t, %v, want the answer %q", key, token, answer, claimed, err, want)
	}
}

// refuses fails the scenario unless a key is refused with a code.
func (w *world) refuses(token int64, key string, request []byte, code scout.Code) {
	w.Helper()
	answer, claimed, err := w.store.ClaimKey(w.Context(), token, key, request)
	if claimed || answer != nil {
		w.Errorf("the key %q of token %d: %q, claimed = %t", key, token, answer, claimed)
	}
	w.code(err, code)
}

func answerAgain(w *world) {
	w.claims(1, "k", oneRequest)
	w.ok(w.store.KeepAnswer(w.Context(), 1, "k", 201, []byte("made")))
	w.replays(1, "k", oneRequest, "made")
	w.reopen()
	w.replays(1, "k", oneRequest, "made")
	w.ok(w.store.KeepAnswer(w.Context(), 1, "k", 409, []byte("too late")))
	w.replays(1, "k", oneRequest, "made")
}

func keyOfOneRequest(w *world) {
	w.claims(1, "k", oneRequest)
	w.refuses(1, "k", otherRequest, scout.Invalid)
	w.ok(w.store.KeepAnswer(w.Context(), 1, "k", 201, []byte("made")))
	w.refuses(1, "k", otherRequest, scout.Invalid)
	w.claims(1, "K", otherRequest)
	w.claims(2, "k", otherRequest)
	w.replays(1, "k", oneRequest, "made")
}

func keyClaimedOnce(w *world) {
	w.claims(1, "k", oneRequest)
	w.refuses(1, "k", oneRequest, scout.Conflict)
}

func keyReleased(w *world) {
	w.claims(1, "k", oneRequest)
	w.ok(w.store.ReleaseKey(w.Context(), 1, "k"))
	w.claims(1, "k", otherRequest)
	w.ok(w.store.KeepAnswer(w.Context(), 1, "k", 201, []byte("made")))
	w.ok(w.store.ReleaseKey(w.Context(), 1, "k"))
	w.replays(1, "k", otherRequest, "made")
}

func keyOfEarlierProcess(w *world) {
	w.claims(1, "k", oneRequest)
	w.reopen()
	w.claims(1, "k", otherRequest)
	w.refuses(1, "k", otherRequest, scout.Conflict)
}

func answersForgotten(w *world) {
	for n := range 250 {
		key := fmt.Sprint("old", n)
		w.claims(1, key, oneRequest)
	}
	w.clock.move(time.Hour)
	w.claims(1, "young", oneRequest)
	w.ok(w.store.KeepAnswer(w.Context(), 1, "young", 201, []byte("made")))
	w.ok(w.store.ForgetAnswers(w.Context(), w.clock.Now().Add(-time.Minute)))
	w.claims(1, "old249", otherRequest)
	w.replays(1, "young", oneRequest, "made")
	w.clock.move(24 * time.Hour)
	w.replays(1, "young", oneRequest, "made")
	w.clock.move(time.Microsecond)
	w.claims(1, "young", otherRequest)
}
