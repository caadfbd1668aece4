package manage_test

import (
	"context"
	"testing"

	"serverscout/internal/scout"
)

func TestHeartbeatsNeedTokensOfTheirOwn(t *testing.T) {
	t.Parallel()
	m, _ := setup(t)
	ctx := context.Background()
	server, err := m.CreateServer(ctx, object{"name": "web"})
	if err != nil {
		t.Fatal(err)
	}
	heartbeat := func(name, token string) object {
		return object{"kind": "heartbeat", "name": name, "period": "1d", "token": token}
	}
	if _, err := m.CreateCheck(ctx, server.ID, heartbeat("a", "token-of-the-first-1")); err != nil {
		t.Fatal(err)
	}
	_, err = m.CreateCheck(ctx, server.ID, heartbeat("b", "token-of-the-first-1"))
	if err == nil || scout.CodeOf(err) != scout.Invalid {
		t.Errorf("a second heartbeat with the same token: %v", err)
	}
	second, err := m.CreateCheck(ctx, server.ID, heartbeat("b", "token-of-the-second-1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.ChangeCheck(ctx, second.ID, 0, object{"token": "token-of-the-first-1"}); err == nil {
		t.Error("a token could be changed to another heartbeat's")
	}
}
