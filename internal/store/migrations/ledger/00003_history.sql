-- +goose Up

-- Every change of a check's confirmed level: 0 unknown, 1 up, 2 warning,
-- 3 down, 4 paused. What is left of a check that was removed goes bit by bit
-- with the retention, so that a removal is no long transaction.
CREATE TABLE levels (
    check_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    level    INTEGER NOT NULL,
    PRIMARY KEY (check_id, at)
) WITHOUT ROWID;
INSERT INTO levels (check_id, at, level) SELECT check_id, since, level FROM check_states WHERE since > 0;
INSERT OR REPLACE INTO levels (check_id, at, level)
    SELECT c.id, MAX(c.updated_at, COALESCE(s.since, 0)), 4
    FROM checks c LEFT JOIN check_states s ON s.check_id = c.id WHERE c.paused = 1;

-- Stretches of time in which no Server Scout ran on this ledger.
CREATE TABLE gaps (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL
);

-- Each list is read from its newest row on, so what narrows it comes first in
-- an index and the id last.
CREATE INDEX events_check ON events (check_id, id);
CREATE INDEX events_kind ON events (kind, id);
CREATE INDEX events_at ON events (at);
CREATE INDEX events_tests ON events (id) WHERE test = 1;
CREATE INDEX incidents_server ON incidents (server, id);
CREATE INDEX incidents_service ON incidents (service, id);
CREATE INDEX deliveries_server ON deliveries (server, id);
CREATE INDEX deliveries_service ON deliveries (service, id);
CREATE INDEX deliveries_given_up ON deliveries (webhook_id, status, id) WHERE status IN ('failed', 'cancelled');
CREATE INDEX deliveries_created ON deliveries (created_at);
CREATE INDEX deliveries_tests ON deliveries (id) WHERE test = 1;
CREATE INDEX deliveries_reason ON deliveries (reason, id) WHERE reason <> 'owed';
CREATE INDEX attempts_started ON attempts (started_at);
CREATE INDEX attempts_webhook ON attempts (webhook_id, id);
CREATE INDEX attempts_outcome ON attempts (outcome, id) WHERE outcome <> 'delivered';
CREATE INDEX attempts_fault ON attempts (fault, id) WHERE fault <> '';
