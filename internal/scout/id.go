package scout

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"
)

// NewIncidentID returns a new alert_id: decimal digits, the milliseconds since
// 1970 followed by ten random digits. It is the same neither in another
// installation nor after a restore, and sorts by time as text.
func NewIncidentID(now time.Time) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1e10))
	if err != nil {
		panic(err) // crypto/rand never fails on the systems Go supports
	}
	return fmt.Sprintf("%013d%010d", max(now.UnixMilli(), 0), n)
}

// NewTestID returns a new alert_id for a sample event.
func NewTestID(now time.Time) string { return "test-" + NewIncidentID(now) }

var messageEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewMessageID returns a new Webhook-Id: "msg_" and 128 random bits.
func NewMessageID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return "msg_" + messageEncoding.EncodeToString(b[:])
}

// NewHeartbeatToken returns 32 characters, 192 random bits, that stand in the
// address of a heartbeat as they are. It is plain text: whoever makes it shows
// it once.
func NewHeartbeatToken() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails on the systems Go supports
	return base64.RawURLEncoding.EncodeToString(b[:])
}
