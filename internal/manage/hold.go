package manage

import (
	"time"

	"serverscout/internal/scout"
)

// longestHold is how far ahead a hold may end at most.
const longestHold = 366 * 24 * time.Hour

// HoldFields describes the keys of a hold.
func HoldFields() []scout.Field {
	return append([]scout.Field{
		{Name: "kind", Type: scout.TypeString, Required: true, Enum: holdKinds(), Help: "A silence is for what is known already, maintenance for work that was planned; both hold back alike."},
		{Name: "from", Type: scout.TypeTime, Help: "When it begins; at the earliest, and without it: now.", Example: "2026-01-15T22:00:00Z"},
	}, HoldChangeFields()...)
}

// HoldChangeFields describes the keys of a hold that can be changed while it
// has not ended.
func HoldChangeFields() []scout.Field {
	return []scout.Field{
		{Name: "until", Type: scout.TypeTime, Help: "When it ends, at most a year ahead.", Example: "2026-01-16T02:00:00Z"},
		{Name: "for", Type: scout.TypeDuration, Min: int64(time.Second), Max: int64(longestHold), Help: "Instead of until: how long from its beginning, or from now once it has begun.", Example: "2h"},
		{Name: "comment", Type: scout.TypeString, Max: 1000, Help: "Why, for whoever sees it.", Example: "Moving the database to the new disks."},
		matchField("What it covers: any within a key, all across keys."),
		{Name: "everything", Type: scout.TypeBoolean, Help: "It covers everything, in the place of a match."},
	}
}

func holdKinds() []string { return []string{string(scout.Silence), string(scout.Maintenance)} }

// ParseHold reads a hold from its keys, as they are to be understood at now.
func ParseHold(in map[string]any, now time.Time) (scout.Hold, error) {
	var faults scout.Faults
	v := normalise("", HoldFields(), in, &faults)
	h := scout.Hold{
		Kind:    scout.HoldKind(str(v, "kind")),
		Comment: str(v, "comment"),
		Match:   match(v),
		From:    moment(v, "from"),
		Until:   moment(v, "until"),
	}
	if h.From.Before(now) {
		h.From = now
	}
	if in["until"] == nil && in["for"] == nil {
		faults.Add("until", "", "is missing: say when it ends, or with for how long it lasts")
	}
	holdEnd(v, &h, now, &faults)
	judgeMatch("", h.Match, v["everything"] == true, &faults)
	return h, faults.Err()
}

// holdEnd works out when a hold ends, and judges it.
func holdEnd(v map[string]any, h *scout.Hold, now time.Time, faults *scout.Faults) {
	at, long := "until", str(v, "for")
	switch {
	case long != "" && !h.Until.IsZero():
		faults.Add("for", long, "cannot go with until: give one of them")
		return
	case long != "":
		d, _ := scout.ParseDuration(long) // it is canonical
		at, h.Until = "for", h.From.Add(d)
	case h.Until.IsZero():
		return // reported already
	}
	shown := h.Until.UTC().Format(time.RFC3339)
	switch {
	case !h.Until.After(h.From):
		faults.Add(at, shown, "must be later than its beginning, %s", h.From.UTC().Format(time.RFC3339))
	case h.Until.After(now.Add(longestHold)):
		faults.Add(at, shown, "must be at most a year ahead")
	}
}

// DescribeHold is the inverse of ParseHold.
func DescribeHold(h scout.Hold) map[string]any {
	return map[string]any{
		"kind":       string(h.Kind),
		"from":       h.From.UTC().Format(time.RFC3339Nano),
		"until":      h.Until.UTC().Format(time.RFC3339Nano),
		"comment":    h.Comment,
		"match":      describeMatch(h.Match),
		"everything": h.Match.Empty(),
	}
}

// changeHold applies a merge patch to a hold. Of two keys that say the same in
// different ways, the patch's stands.
func changeHold(old scout.Hold, patch map[string]any, now time.Time) (scout.Hold, error) {
	var faults scout.Faults
	unknown("", scout.FieldNames(HoldChangeFields()), patch, &faults)
	if err := faults.Err(); err != nil {
		return old, err
	}
	merged := DescribeHold(old)
	for key, other := range map[string]string{"for": "until", "match": "everything", "everything": "match"} {
		if patch[key] != nil && patch[key] != false && patch[other] == nil {
			delete(merged, other)
		}
	}
	merge7396(merged, patch)
	h, err := ParseHold(merged, now)
	h.ID, h.From, h.Author, h.Revision, h.CreatedAt = old.ID, old.From, old.Author, old.Revision, old.CreatedAt
	return h, err
}
