//go:build darwin || freebsd || netbsd || openbsd

package terminal

import "syscall"

// The requests that read and write how a terminal behaves.
const (
	readTermios  = syscall.TIOCGETA
	writeTermios = syscall.TIOCSETA
)
