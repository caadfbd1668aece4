-- +goose Up

-- Silences and maintenance windows.
CREATE TABLE holds (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    match      TEXT NOT NULL,
    author     TEXT NOT NULL,
    comment    TEXT NOT NULL,
    from_at    INTEGER NOT NULL,
    until_at   INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    catch_up   INTEGER NOT NULL DEFAULT 0, -- ended or changed: what it held back is still to be told
    removed    INTEGER NOT NULL DEFAULT 0, -- to be deleted once it was
    revision   INTEGER NOT NULL DEFAULT 1, -- counts its changes
    created_at INTEGER NOT NULL
);
CREATE INDEX holds_open ON holds (until_at) WHERE ended_at = 0;
CREATE INDEX holds_catch_up ON holds (id) WHERE catch_up = 1;

-- Who took an incident on. It is not reminded of again until it has worsened
-- after the event that was its latest by then.
ALTER TABLE incidents ADD COLUMN acknowledged_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN acknowledged_by TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN acknowledge_note TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN acknowledged_events INTEGER NOT NULL DEFAULT 0;
