-- +goose Up

-- What people see who do not sign in. The groups are JSON: names, and what
-- each of them covers.
CREATE TABLE status_pages (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    slug           TEXT NOT NULL UNIQUE,
    title          TEXT NOT NULL,
    intro          TEXT NOT NULL,
    access         TEXT NOT NULL, -- public, link
    page_key       TEXT NOT NULL, -- part of the address; empty for a public one
    page_groups    TEXT NOT NULL,
    show_addresses INTEGER NOT NULL,
    show_messages  INTEGER NOT NULL,
    revision       INTEGER NOT NULL DEFAULT 1,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
);

-- What people say on a page. The incident may be gone by now.
CREATE TABLE status_notes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id     INTEGER NOT NULL REFERENCES status_pages (id) ON DELETE CASCADE,
    incident_id TEXT NOT NULL, -- empty: of the page as a whole
    note        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    author      TEXT NOT NULL
);
CREATE INDEX status_notes_page ON status_notes (page_id, id);
