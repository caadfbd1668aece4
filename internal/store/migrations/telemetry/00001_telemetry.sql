-- +goose Up
-- Times are microseconds since 1970; durations are microseconds.

CREATE TABLE results (
    check_id   INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    level      INTEGER NOT NULL,
    latency_us INTEGER NOT NULL,
    message    TEXT NOT NULL,
    ip         TEXT NOT NULL,
    PRIMARY KEY (check_id, at)
) WITHOUT ROWID;
CREATE INDEX results_at ON results (at);

-- One row for each check and window in which it was observed.
CREATE TABLE rollups (
    check_id   INTEGER NOT NULL,
    window_us  INTEGER NOT NULL, -- 5 minutes or 1 hour
    start      INTEGER NOT NULL,
    up         INTEGER NOT NULL, -- results of that level
    warning    INTEGER NOT NULL,
    down       INTEGER NOT NULL,
    latency_min INTEGER NOT NULL,
    latency_p50 INTEGER NOT NULL,
    latency_max INTEGER NOT NULL,
    PRIMARY KEY (window_us, check_id, start)
) WITHOUT ROWID;
CREATE INDEX rollups_start ON rollups (window_us, start);

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
);
