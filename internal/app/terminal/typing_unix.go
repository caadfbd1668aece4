//go:build linux || darwin || freebsd || netbsd || openbsd

package terminal

import (
	"os"
	"syscall"
	"unsafe"
)

// hideTyping has a terminal not show what is typed until show is called. It
// fails where the file is no terminal.
func hideTyping(file *os.File) (show func(), err error) {
	var before syscall.Termios
	if err := termios(file, readTermios, &before); err != nil {
		return nil, err
	}
	hidden := before
	hidden.Lflag &^= syscall.ECHO
	if err := termios(file, writeTermios, &hidden); err != nil {
		return nil, err
	}
	return func() { _ = termios(file, writeTermios, &before) }, nil // it worked a moment ago
}

// termios reads or writes how a terminal behaves.
func termios(file *os.File, request uintptr, t *syscall.Termios) error {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), request, uintptr(unsafe.Pointer(t)))
	if errno != 0 {
		return errno
	}
	return nil
}
