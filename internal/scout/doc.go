// Package scout holds the words of Server Scout: the types every other
// package speaks in, their text forms, and the errors that cross its rooms.
//
// It imports the standard library only and does no I/O of its own. All values
// are plain data; unless a comment says otherwise they are not safe for
// concurrent mutation and safe for concurrent reading.
package scout
