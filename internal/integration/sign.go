package integration

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/scout"
)

const (
	secretPrefix  = "whsec_"
	newSecretSize = 32 // bytes
	minSecretSize = 24
	maxSecretSize = 64
)

// Sign returns the Standard Webhooks headers of one attempt: Webhook-Id and
// Webhook-Timestamp always, Webhook-Signature when there is a secret. Empty
// secrets are skipped; of several, each gives a signature, in the order given,
// so that a receiver accepts the message by either while a secret rotates. It
// fails for a secret that ParseSecret refuses.
func Sign(messageID string, at time.Time, body []byte, secrets ...scout.Secret) (http.Header, error) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		if secret.Empty() {
			continue
		}
		key, err := ParseSecret(secret.Reveal())
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(messageID + "." + timestamp + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	h := http.Header{}
	h.Set("Webhook-Id", messageID)
	h.Set("Webhook-Timestamp", timestamp)
	if len(signatures) > 0 {
		h.Set("Webhook-Signature", strings.Join(signatures, " "))
	}
	return h, nil
}

// ParseSecret returns the key inside a signing secret: "whsec_" and the
// standard base64 of 24 to 64 bytes. Its error is Invalid, says what is wrong
// and does not repeat the secret.
func ParseSecret(s string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(s, secretPrefix)
	if !ok {
		return nil, scout.Errorf(scout.Invalid, "a signing secret begins with %s", secretPrefix)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	// The decoder passes over line ends, which other implementations do not.
	if err != nil || strings.ContainsAny(encoded, "\r\n") {
		return nil, scout.Errorf(scout.Invalid, "a signing secret is %s followed by standard base64 with its padding", secretPrefix)
	}
	if len(key) < minSecretSize || len(key) > maxSecretSize {
		return nil, scout.Errorf(scout.Invalid, "a signing secret holds %d to %d bytes, this one %d", minSecretSize, maxSecretSize, len(key))
	}
	return key, nil
}

// NewSecret returns a new signing secret of 32 random bytes.
func NewSecret() scout.Secret {
	key := make([]byte, newSecretSize)
	_, _ = rand.Read(key) // never fails
	return scout.NewSecret(secretPrefix + base64.StdEncoding.EncodeToString(key))
}
