package integration_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// exchange renders a notice, posts it with the headers of the format and of
// the webhook, and returns the verdict on the answer.
func exchange(t failer, client *http.Client, f integration.Format, n scout.Notice, target integration.Target) scout.Verdict {
	t.Helper()
	rendered, err := f.Render(n, target)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, rendered.URL, bytes.NewReader(rendered.Body))
	if err != nil {
		t.Fatal(err)
	}
	if rendered.Header != nil {
		req.Header = rendered.Header.Clone()
	}
	req.Header.Set("Content-Type", rendered.ContentType)
	for _, h := range target.Headers {
		req.Header.Set(h.Name, h.Value.Reveal())
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return integration.Classify(f, scout.Response{Status: resp.StatusCode, Header: resp.Header, Body: body}, instant)
}

// accepted is exchange that fails unless the notice was accepted and right.
func accepted(t failer, client *http.Client, f integration.Format, n scout.Notice, target integration.Target, rec *fake.Recorder) {
	t.Helper()
	v := exchange(t, client, f, n, target)
	requests := rec.Requests()
	last := requests[len(requests)-1]
	if v.Outcome != scout.OutcomeDelivered || last.Rejection != nil {
		t.Fatalf("%+v, rejection %v, body %s", v, last.Rejection, last.Body)
	}
}

// acceptsAll checks that a fake accepts the golden cases and any other notice.
func acceptsAll(t *testing.T, client *http.Client, name string, target integration.Target, rec *fake.Recorder) {
	t.Helper()
	for _, n := range goldenCases() {
		accepted(t, client, format(t, name), n, target, rec)
	}
	rapid.Check(t, func(rt *rapid.T) {
		accepted(rt, client, format(t, name), anyNotice().Draw(rt, "notice"), target, rec)
	})
}

// body renders a notice and returns the body.
func body(t failer, f integration.Format, n scout.Notice, target integration.Target) []byte {
	t.Helper()
	req, err := f.Render(n, target)
	if err != nil {
		t.Fatal(err)
	}
	return req.Body
}

// verdicts sends the sample notice once for each answer of a script and
// compares what comes of it. The client follows no redirects afterwards.
func verdicts(t *testing.T, client *http.Client, name string, target integration.Target, rec *fake.Recorder, cases []scripted) {
	t.Helper()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, tc := range cases {
		rec.Script(tc.answer)
		if got := exchange(t, client, format(t, name), down(), target); got != tc.want {
			t.Errorf("verdict %+v, want %+v", got, tc.want)
		}
	}
}

type scripted struct {
	answer fake.Answer
	want   scout.Verdict
}

// retry is the verdict of most failures.
func retry(fault scout.Fault, detail string) scout.Verdict {
	return scout.Verdict{Outcome: scout.OutcomeRetry, Fault: fault, Detail: detail}
}

// faultsOf returns the faults that a format finds in a target, by field.
func faultsOf(t *testing.T, name string, target integration.Target) map[string]string {
	t.Helper()
	err := format(t, name).Validate(target)
	if err == nil {
		return nil
	}
	if scout.CodeOf(err) != scout.Invalid {
		t.Errorf("error %v, want Invalid", err)
	}
	var faults scout.Faults
	faults.Join("", err)
	found := map[string]string{}
	for _, f := range faults.Err().(*scout.Error).Fields {
		found[f.Field] = f.Message + f.Value // neither may hold a secret
	}
	return found
}

// previews reads back every golden case of a format.
func previews(t *testing.T, name string, target integration.Target) map[string]integration.Preview {
	t.Helper()
	all := map[string]integration.Preview{}
	for example, n := range goldenCases() {
		p, err := format(t, name).Preview(body(t, format(t, name), n, target))
		if err != nil {
			t.Fatalf("%s: %v", example, err)
		}
		all[example] = p
	}
	if _, err := format(t, name).Preview([]byte("{")); err == nil {
		t.Error("a broken body has a preview")
	}
	return all
}

func header(name, value string) []scout.Header {
	return []scout.Header{{Name: name, Value: scout.NewSecret(value)}}
}
