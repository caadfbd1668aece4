package store

import (
	"database/sql"
	"errors"

	"serverscout/internal/scout"
)

// ServerNamed returns the server of that name, or NotFound.
func (tx *Tx) ServerNamed(name string) (scout.Server, error) {
	v, err := scanServer(tx.row("SELECT "+serverColumns+" FROM servers WHERE name = ?", name))
	return v, missing(err, "server", name)
}

// CheckNamed returns a server's check of that name, or NotFound.
func (tx *Tx) CheckNamed(serverID int64, name string) (scout.Check, error) {
	v, err := tx.s.scanCheck(tx.row("SELECT "+checkColumns+" FROM checks WHERE server_id = ? AND name = ?", serverID, name))
	return v, missing(err, "check", name)
}

// AlertChecks lists the checks about which an alert of that id is open.
func (tx *Tx) AlertChecks(alertID string) ([]int64, error) {
	return collect(scanID)(tx.query("SELECT check_id FROM outside_alerts WHERE alert_id = ? ORDER BY check_id", alertID))
}

// SetAlert records what an alert of another program says about a check. Up
// ends it; without an id, or with one that was never opened, it ends those that
// have none, and without an id all others too. It returns the worst of the
// check's alerts by then and what that one says, or Up and the message given.
func (tx *Tx) SetAlert(checkID int64, alertID string, level scout.Level, message string) (scout.Level, string, error) {
	var err error
	if level == scout.Up {
		err = tx.endAlert(checkID, alertID)
	} else {
		_, err = tx.exec(`INSERT INTO outside_alerts (check_id, alert_id, level, message) VALUES (?, ?, ?, ?)
			ON CONFLICT (check_id, alert_id) DO UPDATE SET level = excluded.level, message = excluded.message`,
			checkID, alertID, level, message)
	}
	if err != nil {
		return scout.Unknown, "", err
	}
	worst, says := scout.Up, message
	err = tx.row(`SELECT level, message FROM outside_alerts WHERE check_id = ?
		ORDER BY level DESC, alert_id = ? DESC LIMIT 1`, checkID, alertID).Scan(&worst, &says)
	if errors.Is(err, sql.ErrNoRows) {
		return scout.Up, message, nil
	}
	return worst, says, err
}

func (tx *Tx) endAlert(checkID int64, alertID string) error {
	if alertID == "" {
		_, err := tx.exec("DELETE FROM outside_alerts WHERE check_id = ?", checkID)
		return err
	}
	done, err := tx.exec("DELETE FROM outside_alerts WHERE check_id = ? AND alert_id = ?", checkID, alertID)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n > 0 || err != nil {
		return err
	}
	_, err = tx.exec("DELETE FROM outside_alerts WHERE check_id = ? AND alert_id = ''", checkID)
	return err
}
