-- +goose Up

-- What each delivery costs is what the fewest indexes cost: those of a server
-- and of a service are found through the incidents, and a time through the ids,
-- which grow with it.
DROP INDEX deliveries_server;
DROP INDEX deliveries_service;
DROP INDEX deliveries_created;
DROP INDEX events_at;
DROP INDEX attempts_started;
DROP INDEX events_kind;
CREATE INDEX events_rare ON events (kind, id) WHERE kind NOT IN ('opened', 'recovered');
CREATE INDEX deliveries_given_up_server ON deliveries (server, status, id) WHERE status IN ('failed', 'cancelled');
CREATE INDEX deliveries_given_up_service ON deliveries (service, status, id) WHERE status IN ('failed', 'cancelled');
