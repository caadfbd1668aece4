package terminal

import "syscall"

// The requests that read and write how a terminal behaves.
const (
	readTermios  = syscall.TCGETS
	writeTermios = syscall.TCSETS
)
