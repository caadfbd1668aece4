// Package arch keeps the architecture: its tests fail when a package imports
// what it must not, when the document ARCHITECTURE.md and the code disagree,
// and when a source file breaks a rule of the house that no linter knows.
//
// The rules are data, each with its reason; see rules_test.go. Whoever needs
// an exception writes it there, with a reason of its own. The package exports
// nothing.
package arch
