package scout_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

var confirmed = time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)

// TestPayloadIsFrozen holds the native payload byte for byte: nine keys, all
// strings, always present, in this order.
func TestPayloadIsFrozen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		notice scout.Notice
		want   string
	}{
		{
			"the contract's example",
			scout.Notice{
				AlertID: "12345", Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Status: scout.StatusDown,
				Message: "HTTP service is not responding on port 80", At: confirmed, Duration: 5*time.Minute + 23*time.Second,
				Tags: []string{"prod"}, Kind: scout.Opened, Link: "https://scout.example.com/incidents/12345", MessageID: "msg_1",
			},
			`{"alert_id":"12345","server_name":"web-server-01","service":"HTTP","status":"down",` +
				`"message":"HTTP service is not responding on port 80","timestamp":"2024-01-15T10:30:00Z",` +
				`"severity":"critical","server_ip":"192.168.1.100","duration":"00:05:23"}`,
		},
		{
			"a warning without an address",
			scout.Notice{AlertID: "1", Server: "s", Service: "c", Status: scout.StatusWarning, Message: "slow", At: confirmed},
			`{"alert_id":"1","server_name":"s","service":"c","status":"warning","message":"slow",` +
				`"timestamp":"2024-01-15T10:30:00Z","severity":"warning","server_ip":"","duration":"00:00:00"}`,
		},
		{
			"a recovery, in another zone, after days, sent late",
			scout.Notice{
				AlertID: "1", Server: "s", Service: "c", Status: scout.StatusRecovered, Message: "back",
				At: confirmed.In(time.FixedZone("CET", 3600)).Add(time.Second - 1), SentAt: confirmed.Add(time.Hour),
				Duration: 123*time.Hour + 4*time.Minute + 5*time.Second + 999*time.Millisecond, Test: true,
			},
			`{"alert_id":"1","server_name":"s","service":"c","status":"recovered","message":"back",` +
				`"timestamp":"2024-01-15T10:30:00Z","severity":"info","server_ip":"","duration":"123:04:05"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(tt.notice.Payload())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventNotice(t *testing.T) {
	t.Parallel()
	e := scout.Event{
		ID: 9, IncidentID: "12345", Seq: 2, Kind: scout.Eased, Level: scout.Warning, At: confirmed, CheckID: 7,
		Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Tags: []string{"prod"}, Message: "HTTP answers slowly",
		Began: confirmed.Add(-time.Minute), Ended: confirmed.Add(-time.Second), Duration: time.Minute, Test: true,
	}
	want := scout.Notice{
		AlertID: "12345", Server: "web-server-01", Service: "HTTP", ServerIP: "192.168.1.100", Tags: []string{"prod"},
		Status: scout.StatusWarning, Kind: scout.Eased, Message: "HTTP answers slowly", At: confirmed,
		Began: confirmed.Add(-time.Minute), Ended: confirmed.Add(-time.Second), Duration: time.Minute, Test: true,
	}
	if diff := cmp.Diff(want, e.Notice(scout.StatusWarning)); diff != "" {
		t.Errorf("told as a warning (-want +got):\n%s", diff)
	}
	want.Status, want.Message = scout.StatusRecovered, "No longer down, but with a warning: HTTP answers slowly"
	if diff := cmp.Diff(want, e.Notice(scout.StatusRecovered)); diff != "" {
		t.Errorf("told as a recovery (-want +got):\n%s", diff)
	}
	e.Level, e.Kind = scout.Up, scout.Recovered
	if got := e.Notice(scout.StatusRecovered).Message; got != "HTTP answers slowly" {
		t.Errorf("the message of a full recovery is %q", got)
	}
}

func TestLate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		after, want time.Duration
	}{
		{-time.Hour, 0},
		{0, 0},
		{2 * time.Minute, 0},
		{2*time.Minute + time.Second, 2*time.Minute + time.Second},
		{3 * time.Hour, 3 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.after.String(), func(t *testing.T) {
			t.Parallel()
			if got := (scout.Notice{At: confirmed, SentAt: confirmed.Add(tt.after)}).Late(); got != tt.want {
				t.Errorf("Late = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestIncidentOpen(t *testing.T) {
	t.Parallel()
	if !(scout.Incident{}).Open() || (scout.Incident{Closed: confirmed}).Open() {
		t.Error("an incident is open until it has a time of closing, and no longer")
	}
}

func TestDeliveryStatusFinal(t *testing.T) {
	t.Parallel()
	final := map[scout.DeliveryStatus]bool{
		scout.Pending: false, scout.Sending: false,
		scout.Delivered: true, scout.DeliveryFailed: true, scout.DeliveryCancelled: true,
	}
	for status, want := range final {
		if got := status.Final(); got != want {
			t.Errorf("%s is final: %t, want %t", status, got, want)
		}
	}
}
