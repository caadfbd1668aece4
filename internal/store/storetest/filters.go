package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var filters = map[string]func(*world){
	"servers and checks by a part of a name": filterByPart,
	"checks by how they are watched":         filterWatching,
	"webhooks":                               filterWebhooks,
	"incidents by level and time":            filterIncidents,
	"events by time and test":                filterEvents,
	"deliveries":                             filterDeliveries,
	"attempts":                               filterAttempts,
}

func filterByPart(w *world) {
	a := scout.Server{Name: "Web_01", IP: "192.0.2.7", Tags: []string{"prod"}}
	b := scout.Server{Name: "webx01", IP: "db.example.com"}
	w.update(func(tx *store.Tx) error { return tx.SaveServer(&a) })
	w.update(func(tx *store.Tx) error { return tx.SaveServer(&b) })
	type s = filtered[scout.ServerFilter, int64]
	each(w, w.store.ListServers, func(s scout.Server) int64 { return s.ID }, map[string]s{
		"a part":           {scout.ServerFilter{Contains: "wEb"}, []int64{a.ID, b.ID}},
		"a part of the ip": {scout.ServerFilter{Contains: "0.2."}, []int64{a.ID}},
		"an underscore":    {scout.ServerFilter{Contains: "B_0"}, []int64{a.ID}},
		"a per cent sign":  {scout.ServerFilter{Contains: "%"}, nil},
		"a backslash":      {scout.ServerFilter{Contains: `\`}, nil},
		"a part and a tag": {scout.ServerFilter{Contains: "web", Tag: "prod"}, []int64{a.ID}},
	})
	x, y := w.check(a.ID, "SSH"), w.check(b.ID, "Backup")
	type c = filtered[scout.CheckFilter, int64]
	each(w, w.store.ListChecks, func(c scout.Check) int64 { return c.ID }, map[string]c{
		"a part of the name":          {scout.CheckFilter{Contains: "ssh"}, []int64{x.ID}},
		"a part of the server's":      {scout.CheckFilter{Contains: "bx0"}, []int64{y.ID}},
		"a part of both":              {scout.CheckFilter{Contains: "b"}, []int64{x.ID, y.ID}},
		"its server's tag":            {scout.CheckFilter{Tag: "prod"}, []int64{x.ID}},
		"a tag that its server lacks": {scout.CheckFilter{Tag: "web"}, nil},
	})
}

func filterWatching(w *world) {
	server := w.server("web-1")
	fresh, up, paused := w.check(server.ID, "a"), w.check(server.ID, "b"), w.check(server.ID, "c")
	paused.Paused = true
	w.update(func(tx *store.Tx) error {
		if err := tx.SaveCheck(&paused); err != nil {
			return err
		}
		if err := tx.SaveState(scout.CheckState{CheckID: paused.ID, Level: scout.Unknown}, time.Time{}); err != nil {
			return err
		}
		return tx.SaveState(scout.CheckState{CheckID: up.ID, Level: scout.Up, Since: w.clock.Now()}, time.Time{})
	})
	type f = filtered[scout.CheckFilter, int64]
	each(w, w.store.ListChecks, func(c scout.Check) int64 { return c.ID }, map[string]f{
		"unknown":             {scout.CheckFilter{Unobserved: true}, []int64{fresh.ID, paused.ID}},
		"paused":              {scout.CheckFilter{Paused: scout.With}, []int64{paused.ID}},
		"not paused":          {scout.CheckFilter{Paused: scout.Without}, []int64{fresh.ID, up.ID}},
		"unknown, not paused": {scout.CheckFilter{Unobserved: true, Paused: scout.Without}, []int64{fresh.ID}},
	})
	states, err := w.store.StatesOf(w.Context(), []int64{fresh.ID, up.ID})
	w.ok(err)
	w.equal("the states", states, map[int64]scout.CheckState{up.ID: {CheckID: up.ID, Level: scout.Up, Since: w.clock.Now()}})
}

func filterWebhooks(w *world) {
	fine, failing, paused, gone := w.webhook("a"), w.webhook("b"), w.webhook("c"), w.webhook("d")
	failing.Format = "slack"
	w.update(func(tx *store.Tx) error {
		if err := tx.SaveWebhook(&failing); err != nil {
			return err
		}
		return tx.PauseWebhook(paused.ID)
	})
	w.finish(w.retry(w.down(failing), time.Minute))
	w.finish(w.delivered(w.down(fine)))
	disabled := w.gaveUp(w.down(gone))
	disabled.Disable = "it is gone"
	w.finish(disabled)
	type f = filtered[scout.WebhookFilter, int64]
	each(w, w.store.FindWebhooks, func(h scout.Webhook) int64 { return h.ID }, map[string]f{
		"nothing":      {scout.WebhookFilter{}, []int64{fine.ID, failing.ID, paused.ID, gone.ID}},
		"name":         {scout.WebhookFilter{Name: "c"}, []int64{paused.ID}},
		"format":       {scout.WebhookFilter{Format: "slack"}, []int64{failing.ID}},
		"failing":      {scout.WebhookFilter{Failing: scout.With}, []int64{failing.ID, gone.ID}},
		"not failing":  {scout.WebhookFilter{Failing: scout.Without}, []int64{fine.ID, paused.ID}},
		"paused":       {scout.WebhookFilter{Paused: scout.With}, []int64{paused.ID}},
		"not paused":   {scout.WebhookFilter{Paused: scout.Without}, []int64{fine.ID, failing.ID, gone.ID}},
		"disabled":     {scout.WebhookFilter{Disabled: scout.With}, []int64{gone.ID}},
		"not disabled": {scout.WebhookFilter{Disabled: scout.Without, After: fine.ID}, []int64{failing.ID, paused.ID}},
	})
}

func filterIncidents(w *world) {
	began := w.clock.Now()
	told := w.tellings()
	worse := w.story()
	worse.enter(scout.Warning, scout.Pending)
	type f = filtered[scout.IncidentFilter, string]
	each(w, w.store.ListIncidents, func(i scout.Incident) string { return i.ID }, map[string]f{
		"a warning":       {scout.IncidentFilter{Level: scout.Warning}, []string{worse.in.ID}},
		"down and open":   {scout.IncidentFilter{Level: scout.Down, Open: true}, []string{told[2].in.ID, told[1].in.ID}},
		"until":           {scout.IncidentFilter{Until: began.Add(time.Minute)}, []string{told[0].in.ID}},
		"until just now":  {scout.IncidentFilter{Until: began.Add(time.Minute + time.Microsecond)}, []string{told[1].in.ID, told[0].in.ID}},
		"since and until": {scout.IncidentFilter{Since: began.Add(time.Minute), Until: began.Add(2 * time.Minute)}, []string{told[1].in.ID}},
	})
}

func filterEvents(w *world) {
	began := w.clock.Now()
	w.tellings()
	test := scout.Event{IncidentID: scout.NewTestID(began), Seq: 1, At: began, Test: true}
	w.update(func(tx *store.Tx) error { return tx.InsertEvent(&test) })
	type f = filtered[scout.EventFilter, int64]
	each(w, w.store.ListEvents, func(e scout.Event) int64 { return e.ID }, map[string]f{
		"no test":         {scout.EventFilter{}, []int64{4, 3, 2, 1}},
		"tests too":       {scout.EventFilter{Test: true}, []int64{5, 4, 3, 2, 1}},
		"tests alone":     {scout.EventFilter{OnlyTests: true}, []int64{5}},
		"since":           {scout.EventFilter{Since: began.Add(2 * time.Minute)}, []int64{4, 3}},
		"until":           {scout.EventFilter{Until: began.Add(2 * time.Minute)}, []int64{2, 1}},
		"oldest first":    {scout.EventFilter{OldestFirst: true}, []int64{1, 2, 3, 4}},
		"after":           {scout.EventFilter{OldestFirst: true, After: 2}, []int64{3, 4}},
		"since and until": {scout.EventFilter{Test: true, Since: began, Until: began.Add(time.Minute)}, []int64{5, 1}},
	})
}

func filterDeliveries(w *world) {
	x, y := w.webhook("Ops"), w.webhook("Pager")
	failed := w.down(x)
	w.finish(w.gaveUp(failed))
	delivered := w.down(x)
	w.finish(w.delivered(delivered))
	story := w.story()
	story.in.Server, story.in.Service = "db-1", "TCP"
	pending := story.pending(scout.Down, y)
	sample := scout.Event{IncidentID: scout.NewTestID(w.clock.Now()), Seq: 1, At: w.clock.Now(), Test: true}
	test := scout.Delivery{IncidentID: sample.IncidentID, Seq: 1, Status: scout.Sending, Test: true, CreatedAt: w.clock.Now(), Webhook: "unsaved"}
	w.ok(w.store.BeginTest(w.Context(), &sample, &test))
	p, d, u, t := pending.ID, delivered.Delivery.ID, failed.Delivery.ID, test.ID
	open := []scout.DeliveryStatus{scout.Pending, scout.Sending}
	type f = filtered[scout.DeliveryFilter, int64]
	each(w, w.store.ListDeliveries, func(d scout.Delivery) int64 { return d.ID }, map[string]f{
		"one of open":           {scout.DeliveryFilter{Statuses: open}, []int64{t, p}},
		"one of open, webhook":  {scout.DeliveryFilter{Statuses: open, WebhookID: y.ID}, []int64{p}},
		"one of open, server":   {scout.DeliveryFilter{Statuses: open, Server: "db-1"}, []int64{p}},
		"one of all":            {scout.DeliveryFilter{Statuses: append(open, scout.Delivered)}, []int64{t, p, d}},
		"reason":                {scout.DeliveryFilter{Reason: scout.GaveUp}, []int64{u}},
		"tests":                 {scout.DeliveryFilter{Test: scout.With}, []int64{t}},
		"no tests":              {scout.DeliveryFilter{Test: scout.Without}, []int64{p, d, u}},
		"a part of a webhook":   {scout.DeliveryFilter{Contains: "page"}, []int64{p}},
		"a part of a server":    {scout.DeliveryFilter{Contains: "EB-"}, []int64{d, u}},
		"a part of the service": {scout.DeliveryFilter{Contains: "tcp"}, []int64{p}},
		"a fault":               {scout.DeliveryFilter{Fault: scout.FaultServerError}, []int64{u}},
		"another fault":         {scout.DeliveryFilter{Fault: scout.FaultTimeout}, nil},
		"a fault and a server":  {scout.DeliveryFilter{Fault: scout.FaultServerError, Server: "db-1"}, nil},
		"ended since":           {scout.DeliveryFilter{EndedSince: w.clock.Now()}, []int64{d, u}},
		"failed since":          {scout.DeliveryFilter{EndedSince: w.clock.Now(), Status: scout.DeliveryFailed}, []int64{u}},
		"ended later":           {scout.DeliveryFilter{EndedSince: w.clock.Now().Add(time.Microsecond)}, nil},
	})
}

func filterAttempts(w *world) {
	x, y := w.webhook("x"), w.webhook("y")
	first := w.down(x)
	w.finish(w.retry(first, time.Minute))
	began := w.clock.Now()
	w.clock.move(time.Minute)
	w.finish(w.delivered(w.down(y)))
	type f = filtered[scout.AttemptFilter, int64]
	each(w, w.store.ListAttempts, func(a scout.SentAttempt) int64 { return a.Attempt.ID }, map[string]f{
		"nothing":         {scout.AttemptFilter{}, []int64{2, 1}},
		"webhook":         {scout.AttemptFilter{WebhookID: x.ID}, []int64{1}},
		"delivery":        {scout.AttemptFilter{DeliveryID: first.Delivery.ID}, []int64{1}},
		"outcome":         {scout.AttemptFilter{Outcome: scout.OutcomeDelivered}, []int64{2}},
		"fault":           {scout.AttemptFilter{Fault: scout.FaultServerError}, []int64{1}},
		"another fault":   {scout.AttemptFilter{Fault: scout.FaultTimeout}, nil},
		"since":           {scout.AttemptFilter{Since: began.Add(time.Minute)}, []int64{2}},
		"until":           {scout.AttemptFilter{Until: began.Add(time.Minute)}, []int64{1}},
		"before":          {scout.AttemptFilter{Before: 2}, []int64{1}},
		"before, webhook": {scout.AttemptFilter{Before: 2, WebhookID: y.ID}, nil},
		"waiting":         {scout.AttemptFilter{Status: scout.Pending}, []int64{1}},
		"delivered":       {scout.AttemptFilter{Status: scout.Delivered}, []int64{2}},
		"failed":          {scout.AttemptFilter{Status: scout.DeliveryFailed}, nil},
		"server":          {scout.AttemptFilter{Server: first.Delivery.Server}, []int64{2, 1}},
		"another server":  {scout.AttemptFilter{Server: "db-1"}, nil},
		"service":         {scout.AttemptFilter{Service: first.Delivery.Service, WebhookID: x.ID}, []int64{1}},
		"a part":          {scout.AttemptFilter{Contains: "EB-"}, []int64{2, 1}},
		"another part":    {scout.AttemptFilter{Contains: "pager"}, nil},
		"tests":           {scout.AttemptFilter{Test: scout.With}, nil},
		"no tests":        {scout.AttemptFilter{Test: scout.Without}, []int64{2, 1}},
	})
	list, err := w.store.ListAttempts(w.Context(), scout.AttemptFilter{WebhookID: x.ID}, 1)
	w.ok(err)
	w.equal("the attempt", list[0].Attempt, w.attempts(first.Delivery.ID)[0])
	w.equal("its delivery", list[0].Delivery, get(w, w.store.Delivery, first.Delivery.ID))
	w.equal("its check", list[0].CheckID, int64(41))
}
