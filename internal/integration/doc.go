// Package integration turns a notice into the request its receiver
// understands, and the receiver's answer into a verdict.
//
// A format is one file of this package and one folder of golden files below
// testdata. The file registers its Format while the program starts; form
// fields, validation, masking and URL recognition all come from there.
//
// Everything here is pure: no I/O, no clock. All functions are safe for
// concurrent use.
package integration
