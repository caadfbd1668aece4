-- +goose Up
-- Times are microseconds since 1970, 0 for none; durations are microseconds.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE servers (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    ip         TEXT NOT NULL,
    tags       TEXT NOT NULL,
    source     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE checks (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id     INTEGER NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    kind          TEXT NOT NULL,
    interval_us   INTEGER NOT NULL,
    timeout_us    INTEGER NOT NULL,
    confirm_us    INTEGER NOT NULL,
    fail_after    INTEGER NOT NULL,
    recover_after INTEGER NOT NULL,
    sealed        BLOB NOT NULL, -- target and settings
    parent_id     INTEGER NOT NULL DEFAULT 0,
    paused        INTEGER NOT NULL DEFAULT 0,
    source        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    UNIQUE (server_id, name)
);
CREATE INDEX checks_parent ON checks (parent_id) WHERE parent_id <> 0;

CREATE TABLE check_states (
    check_id    INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    level       INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    incident_id TEXT NOT NULL
);

-- An incident outlives its check, so check_id is no foreign key.
CREATE TABLE incidents (
    id        TEXT PRIMARY KEY,
    check_id  INTEGER NOT NULL,
    server    TEXT NOT NULL,
    service   TEXT NOT NULL,
    server_ip TEXT NOT NULL,
    tags      TEXT NOT NULL,
    level     INTEGER NOT NULL,
    worst     INTEGER NOT NULL,
    began     INTEGER NOT NULL,
    opened    INTEGER NOT NULL,
    ended     INTEGER NOT NULL,
    closed    INTEGER NOT NULL,
    message   TEXT NOT NULL,
    events    INTEGER NOT NULL
);
CREATE INDEX incidents_open ON incidents (id) WHERE closed = 0;
CREATE INDEX incidents_check ON incidents (check_id, id);
CREATE INDEX incidents_closed ON incidents (closed) WHERE closed <> 0;

CREATE TABLE events (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    level       INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    check_id    INTEGER NOT NULL,
    snapshot    TEXT NOT NULL, -- the rest of the event, as JSON
    decisions   TEXT NOT NULL, -- why each webhook got it or not, as JSON
    test        INTEGER NOT NULL,
    UNIQUE (incident_id, seq)
);

CREATE TABLE webhooks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL UNIQUE,
    display_url  TEXT NOT NULL,
    format       TEXT NOT NULL,
    alert_types  INTEGER NOT NULL,
    match        TEXT NOT NULL,
    sealed       BLOB NOT NULL, -- URL, headers, signing secrets, settings
    paused       INTEGER NOT NULL DEFAULT 0,
    disabled_at  INTEGER NOT NULL DEFAULT 0,
    disabled_why TEXT NOT NULL DEFAULT '',
    held_from    INTEGER NOT NULL DEFAULT 0, -- start of the pause or disabling
    catch_up     INTEGER NOT NULL DEFAULT 0, -- resumed: what was held back is still to be told
    source       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
);

-- What attempts say of a webhook. No row: nothing has failed yet.
CREATE TABLE webhook_health (
    webhook_id   INTEGER PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
    fail_streak  INTEGER NOT NULL,
    failing_from INTEGER NOT NULL,
    hold_until   INTEGER NOT NULL,
    hold_us      INTEGER NOT NULL,
    last_error   TEXT NOT NULL
);

CREATE TABLE deliveries (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id    TEXT NOT NULL,
    event_id      INTEGER NOT NULL,
    incident_id   TEXT NOT NULL,
    seq           INTEGER NOT NULL,
    webhook_id    INTEGER NOT NULL, -- 0: the test of unsaved values
    webhook       TEXT NOT NULL,
    server        TEXT NOT NULL,
    service       TEXT NOT NULL,
    tells         TEXT NOT NULL,
    status        TEXT NOT NULL,
    reason        TEXT NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    tries         INTEGER NOT NULL DEFAULT 0,
    due_at        INTEGER NOT NULL,
    delay_us      INTEGER NOT NULL DEFAULT 0,
    after_id      INTEGER NOT NULL DEFAULT 0, -- waits until that delivery has ended
    urgent        INTEGER NOT NULL DEFAULT 0, -- tells "down" of an incident still open
    owner         INTEGER NOT NULL DEFAULT 0, -- epoch of the process that is sending it
    claimed_at    INTEGER NOT NULL DEFAULT 0,
    first_attempt INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    finished_at   INTEGER NOT NULL DEFAULT 0,
    test          INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deliveries_ready ON deliveries (webhook_id, urgent, due_at, id) WHERE status = 'pending' AND after_id = 0;
CREATE INDEX deliveries_after ON deliveries (after_id) WHERE after_id <> 0;
CREATE INDEX deliveries_incident ON deliveries (incident_id, webhook_id, id);
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_undelivered ON deliveries (status, id) WHERE status <> 'delivered';

CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_id INTEGER NOT NULL,
    webhook_id  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    fault       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    retry_us    INTEGER NOT NULL,
    status_code INTEGER NOT NULL,
    address     TEXT NOT NULL,
    exchange    TEXT NOT NULL -- request and response as kept, as JSON
);
CREATE INDEX attempts_delivery ON attempts (delivery_id, id);

CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);
