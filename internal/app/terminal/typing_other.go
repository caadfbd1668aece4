//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package terminal

import (
	"errors"
	"os"
)

// hideTyping would have a terminal not show what is typed; here there is no way
// to.
func hideTyping(*os.File) (show func(), err error) { return nil, errors.ErrUnsupported }
