-- +goose Up

ALTER TABLE servers ADD COLUMN revision INTEGER NOT NULL DEFAULT 1; -- counts its changes
ALTER TABLE checks ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE webhooks ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

ALTER TABLE checks ADD COLUMN remind_us INTEGER NOT NULL DEFAULT 0;

ALTER TABLE incidents ADD COLUMN latest INTEGER NOT NULL DEFAULT 0; -- time of its latest event
UPDATE incidents SET latest = COALESCE((SELECT at FROM events e WHERE e.incident_id = incidents.id AND e.seq = incidents.events), opened);

-- What other programs said is wrong and not yet right again. A check is as bad
-- as the worst of its alerts.
CREATE TABLE outside_alerts (
    check_id INTEGER NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    alert_id TEXT NOT NULL, -- the sender's; empty where it named none
    level    INTEGER NOT NULL,
    message  TEXT NOT NULL,
    PRIMARY KEY (check_id, alert_id)
) WITHOUT ROWID;
CREATE INDEX outside_alerts_id ON outside_alerts (alert_id);

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
    token_id    INTEGER NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,              -- of the request
    epoch       INTEGER NOT NULL,           -- of the process that works on it
    status      INTEGER NOT NULL DEFAULT 0, -- of the answer; 0 while there is none
    sealed      BLOB NOT NULL DEFAULT x'',  -- the answer, which may hold a secret
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (token_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);
