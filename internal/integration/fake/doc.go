// Package fake holds strict receivers for tests: they accept what the real
// service accepts and a little less, record every request, and can be told to
// fail in the ways that real receivers fail.
//
// Each fake is an http.Handler whose zero value is ready to use, and safe for
// concurrent use. Limits are literals here, never taken from the renderers, so
// that a wrong limit there is found. Only tests import this package.
package fake
