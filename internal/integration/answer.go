package integration

import "serverscout/internal/scout"

// inOwnWords is the general rules' verdict on a failure, with the sentence
// that the receiver said in place of its whole body. It is false without such
// a sentence and for a success.
func inOwnWords(format string, r scout.Response, said string) (scout.Verdict, bool) {
	if said == "" || isSuccess(r.Status) {
		return scout.Verdict{}, false
	}
	r.Body = []byte(said)
	return classifyStatus(registered[format], r), true
}
