package manage

import "serverscout/internal/scout"

// DraftChange returns a check as ChangeCheck would store it, and stores
// nothing: to be tried out before.
func DraftChange(server scout.Server, old scout.Check, patch map[string]any) (scout.Check, error) {
	return changeCheck(server, old, patch)
}

// Companion returns the check that c brings along when it is stored, such as
// that of an https target's certificate; false if it brings none.
func Companion(c scout.Check, server scout.Server) (scout.Check, bool) {
	return companion(c, server)
}
