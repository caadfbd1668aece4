package fake

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"
)

// PagerDutyPath is where events are posted to.
const PagerDutyPath = "/v2/enqueue"

var routingKey = regexp.MustCompile(`^[A-Za-z0-9]{32}$`)

// PagerDuty is a receiver of events (Events API v2) that keeps the state of
// its alerts, as the service does. It accepts fewer keys than the service:
// those that Server Scout has a use for; and it wants a dedup_key always.
type PagerDuty struct {
	Recorder

	mu     sync.Mutex
	alerts map[string]bool // by dedup_key: whether it is open
	stray  []string
}

// ServeHTTP records, judges and answers in PagerDuty's words. Only an event
// that it accepts by itself changes an alert: one that a script answered did
// not arrive.
func (p *PagerDuty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	judge := func(got Request) *Rejection {
		body = got.Body
		return CheckPagerDuty(r.URL.Path, got.Body)
	}
	p.serve(w, r, judge, func(w http.ResponseWriter, r *http.Request) {
		key := p.apply(body)
		Reply(http.StatusAccepted, fmt.Sprintf(`{"status":"success","message":"Event processed","dedup_key":%q}`, key))(w, r)
	})
}

// apply changes the alert that an accepted event is about, and returns its key.
func (p *PagerDuty) apply(body []byte) string {
	o, _ := parseObject(body) // it was accepted, so it can be read
	key, _ := o.text("dedup_key")
	action, _ := o.text("event_action")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alerts == nil {
		p.alerts = map[string]bool{}
	}
	_, known := p.alerts[key]
	switch {
	case action == "trigger":
		p.alerts[key] = true
	case !known:
		p.stray = append(p.stray, key)
	case action == "resolve":
		p.alerts[key] = false
	}
	return key
}

// Open returns the keys of the alerts that are open, sorted.
func (p *PagerDuty) Open() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	open := slices.Sorted(maps.Keys(p.alerts))
	return slices.DeleteFunc(open, func(key string) bool { return !p.alerts[key] })
}

// Stray returns the keys of events that were to resolve or acknowledge an
// alert which was never opened, in the order they came. The service drops such
// events in silence.
func (p *PagerDuty) Stray() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.stray)
}

// CheckPagerDuty returns why PagerDuty refuses the body when it is posted to
// the path, or nil.
func CheckPagerDuty(path string, body []byte) *Rejection {
	if path != PagerDutyPath {
		return &Rejection{http.StatusNotFound, "not found", "events go to " + PagerDutyPath + ", not to " + path}
	}
	err := checkEvent(body)
	if err == nil {
		return nil
	}
	answer, _ := json.Marshal(map[string]any{
		"status": "invalid event", "message": "Event object is invalid", "errors": []string{err.Error()},
	}) // maps of strings can be encoded always
	return &Rejection{http.StatusBadRequest, string(answer), err.Error()}
}

func checkEvent(body []byte) error {
	if len(body) > 512000 {
		return fmt.Errorf("%d bytes are more than 512000", len(body))
	}
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	if err := o.only("routing_key", "event_action", "dedup_key", "payload", "links", "client", "client_url"); err != nil {
		return err
	}
	if key, _ := o.text("routing_key"); !routingKey.MatchString(key) {
		return errors.New("routing_key must have 32 letters and digits")
	}
	if err := checkLine(o, "dedup_key", 255); err != nil {
		return err
	}
	switch action, _ := o.text("event_action"); action {
	case "trigger":
		if !o.has("payload") {
			return errors.New("a trigger needs a payload")
		}
	case "acknowledge", "resolve":
	default:
		return fmt.Errorf("event_action %q is not known", action)
	}
	return errors.Join(checkEventPayload(o), checkEventLinks(o))
}

func checkEventPayload(event object) error {
	if !event.has("payload") {
		return nil
	}
	o, ok := event.values["payload"].(object)
	if !ok {
		return errors.New("payload must be an object")
	}
	if err := o.only("summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"); err != nil {
		return err
	}
	if err := errors.Join(checkLine(o, "summary", 1024), checkLine(o, "source", 1024)); err != nil {
		return err
	}
	if severity, _ := o.text("severity"); !slices.Contains([]string{"critical", "error", "warning", "info"}, severity) {
		return fmt.Errorf("severity %q is not known", severity)
	}
	for _, key := range []string{"component", "group", "class"} {
		if o.has(key) {
			if err := checkLine(o, key, 1024); err != nil {
				return err
			}
		}
	}
	if o.has("timestamp") {
		at, _ := o.text("timestamp")
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			return fmt.Errorf("timestamp: %w", err)
		}
	}
	if _, isObject := o.values["custom_details"].(object); o.has("custom_details") && !isObject {
		return errors.New("custom_details must be an object")
	}
	return nil
}

func checkEventLinks(event object) error {
	if event.has("client") {
		if err := checkLine(event, "client", 255); err != nil {
			return err
		}
	}
	if event.has("client_url") {
		if err := checkWebAddress(event, "client_url"); err != nil {
			return err
		}
	}
	if !event.has("links") {
		return nil
	}
	links, err := event.list("links", 1, 10)
	if err != nil {
		return err
	}
	for _, v := range links {
		link, ok := v.(object)
		if !ok {
			return errors.New("a link must be an object")
		}
		if err := errors.Join(link.only("href", "text"), checkWebAddress(link, "href"), checkLine(link, "text", 255)); err != nil {
			return err
		}
	}
	return nil
}
