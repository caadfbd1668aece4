-- +goose Up

-- Rollups are pruned check by check, along the primary key: an index by time
-- alone would be a third of the file.
DROP INDEX rollups_start;
