package manage_test

import (
	"encoding/json"
	"testing"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// Whatever JSON comes in, it is either valid, and then what was understood can
// be written down and read again as the same, or Invalid with fields.

func FuzzParseCheck(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"http","headers":{"A":"b"},"expect":{"status":[200,"300-399"],"body_matches":"ok"},"warn":{"latency":"1.5s"}}`,
		`{"kind":"tcp","target":"22","send":"\\x00","interval":"1d12h","confirm_interval":null,"fail_after":1e0}`,
		`{"kind":"tls","target":"https://a:b@c/","warn":{"days":0},"tags":[1]}`,
		`{"kind":"heartbeat","period":"24h","grace":"0s","token":"nightly-backup-7f3a9c2e51"}`,
	} {
		f.Add([]byte(seed))
	}
	server := scout.Server{Name: "web", IP: "192.0.2.1"}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, ok := readObject(data)
		if !ok {
			return
		}
		c, err := manage.ParseCheck(server, in)
		if err != nil {
			faultsOf(t, err)
			return
		}
		again := value(manage.ParseCheck(server, viaJSON(t, manage.DescribeCheck(c))))(t)
		equal(t, "the check described and parsed", again, c)
	})
}

func FuzzParseWebhook(f *testing.F) {
	for _, seed := range []string{
		`{"name":"ops","url":"https://hooks.slack.com/services/T0/B0/x","format":"auto","alert_types":["critical"],"match":{"tags":["a",1]}}`,
		`{"name":"dev","url":"http://a:b@[::1]:80/?c=d","headers":{"A":"b","C":1},"secret":"` + signing + `","previous_secret":null}`,
		`{"name":" ","url":"https://example.com/","headers":{"host":"a","a b":"c"},"secret":"whsec_","formt":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, ok := readObject(data)
		if !ok {
			return
		}
		w, err := manage.ParseWebhook(in, egress.CheckURL)
		if err != nil {
			faultsOf(t, err)
			return
		}
		again := value(manage.ParseWebhook(viaJSON(t, manage.DescribeWebhook(w)), egress.CheckURL))(t)
		equal(t, "the webhook described and parsed", again, w)
	})
}

func FuzzParseDeclared(f *testing.F) {
	f.Add([]byte(`{"servers":[{"name":"a","ip":"b","tags":["c"],"checks":[{"kind":"http"},{"kind":"http"}]}],"webhooks":[{"name":"w","url":"http://a/"}]}`))
	f.Add([]byte(`{"servers":[{"checks":{}},{"checks":[1]},null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file struct{ Servers, Webhooks []object }
		if json.Unmarshal(data, &file) != nil {
			return
		}
		d, err := manage.ParseDeclared(file.Servers, file.Webhooks, egress.CheckURL)
		if err != nil {
			faultsOf(t, err)
			return
		}
		for _, s := range d.Servers {
			again := value(manage.ParseServer(viaJSON(t, manage.DescribeServer(s.Server))))(t)
			again.Source = scout.FromFile
			equal(t, "the server described and parsed", again, s.Server)
		}
	})
}

func readObject(data []byte) (object, bool) {
	var in object
	return in, json.Unmarshal(data, &in) == nil
}
