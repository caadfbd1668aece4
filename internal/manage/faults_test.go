package manage_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/egress"
	"serverscout/internal/integration"
	"serverscout/internal/manage"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// faultCase is an input and all that is wrong with it.
type faultCase struct {
	in   object
	want []scout.FieldError
}

func fault(field, value, message string) []scout.FieldError {
	return []scout.FieldError{{Field: field, Value: value, Message: message}}
}

// testFaults parses base with the keys of each case. A key that is nil is null.
func testFaults(t *testing.T, base object, tests map[string]faultCase, parse func(object) error) {
	t.Helper()
	if err := parse(base); err != nil {
		t.Fatalf("the base is not valid: %v", err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "faults", faultsOf(t, parse(with(base, test.in))), test.want)
		})
	}
}

// texts returns n different texts.
func texts(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = fmt.Sprint("t", i)
	}
	return list
}

const (
	noDuration = "must be a duration: a number and a unit, such as 500ms, 30s, 5m, 2h or 7d"
	notBlank   = "must not be blank"
	noMargins  = "must not begin or end with white space"
	invisible  = "must not contain control or invisible characters"
)

func TestServerFaults(t *testing.T) {
	t.Parallel()
	const noHost = "must be an IP address or a host name, without scheme, port or path"
	long := strings.Repeat("ä", 501)
	tests := map[string]faultCase{
		"name null":        {object{"name": nil}, fault("name", "", "is missing: The server's name, unique among servers.")},
		"name type":        {object{"name": 7.0}, fault("name", "7", "must be text, such as web-server-01")},
		"name empty":       {object{"name": ""}, fault("name", "", "must be from 1 to 500 characters")},
		"name too long":    {object{"name": long}, fault("name", "", "must be from 1 to 500 characters")},
		"name blank":       {object{"name": " \t"}, fault("name", " \t", notBlank)},
		"name margins":     {object{"name": "web "}, fault("name", "web ", noMargins)},
		"name control":     {object{"name": "a\nb"}, fault("name", "a\nb", invisible)},
		"name invisible":   {object{"name": "a\u202eb"}, fault("name", "a\u202eb", invisible)},
		"name not UTF-8":   {object{"name": "a\xff"}, fault("name", "", "must be valid UTF-8")},
		"name is a mask":   {object{"name": scout.Masked}, fault("name", "", maskGiven)},
		"ip type":          {object{"ip": true}, fault("ip", "true", "must be text, such as 192.168.1.100")},
		"ip with scheme":   {object{"ip": "http://web"}, fault("ip", "http://web", noHost)},
		"ip with port":     {object{"ip": "web:80"}, fault("ip", "web:80", noHost)},
		"ip empty label":   {object{"ip": "a..b"}, fault("ip", "a..b", noHost)},
		"ip long label":    {object{"ip": strings.Repeat("a", 64)}, fault("ip", strings.Repeat("a", 64), noHost)},
		"ip too long":      {object{"ip": strings.Repeat("a.", 127)}, fault("ip", "", "must be at most 253 characters")},
		"tags type":        {object{"tags": "prod"}, fault("tags", "prod", "must be a list, such as [prod, web]")},
		"tags too many":    {object{"tags": texts(101)}, fault("tags", "", "must be at most 100 items")},
		"tag null":         {object{"tags": []any{"a", nil}}, fault("tags[1]", "", "must be text")},
		"tag list":         {object{"tags": []any{[]any{"a"}}}, fault("tags[0]", "", "must be text")},
		"tag blank":        {object{"tags": []any{"a", ""}}, fault("tags[1]", "", notBlank)},
		"tag margins":      {object{"tags": []any{" a"}}, fault("tags[0]", " a", noMargins)},
		"key near another": {object{"tag": nil}, fault("tag", "", `is not a known key: did you mean "tags"?`)},
		"key near none":    {object{"elsewhere": 1}, fault("elsewhere", "", "is not a known key: known here are ip, name, tags")},
		"all faults, sorted": {object{"name": 1, "ip": "a b", "zone": 1, "ipp": 1}, []scout.FieldError{
			{Field: "name", Value: "1", Message: "must be text, such as web-server-01"},
			{Field: "ipp", Message: `is not a known key: did you mean "ip"?`},
			{Field: "zone", Message: "is not a known key: known here are ip, name, tags"},
			{Field: "ip", Value: "a b", Message: noHost},
		}},
	}
	testFaults(t, object{"name": "web"}, tests, func(in object) error {
		_, err := manage.ParseServer(in)
		return err
	})
}

// kindNames lists the kinds that there are, as errors do.
func kindNames() string {
	names := []string{}
	for _, k := range probe.Kinds() {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}

// formatNames lists the formats that there are, as errors do.
func formatNames() string {
	names := []string{}
	for _, f := range integration.Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// keysOf lists the keys of a check of a kind, as errors do.
func keysOf(t *testing.T, kind string) string {
	t.Helper()
	k, ok := probe.Lookup(kind)
	if !ok {
		t.Fatalf("there is no kind %s", kind)
	}
	return strings.Join(scout.FieldNames(manage.CheckFields(k)), ", ")
}

const maskGiven = "holds the mask that stands for a secret: give the secret itself"

func TestCheckFaults(t *testing.T) {
	t.Parallel()
	const count = "must be from 1 to 1000"
	tests := map[string]faultCase{
		"kind null":    {object{"kind": nil}, fault("kind", "", "is missing: What kind of check it is.")},
		"kind type":    {object{"kind": 5}, fault("kind", "5", "must be text, such as http")},
		"kind unknown": {object{"kind": "htp"}, fault("kind", "htp", "must be one of "+kindNames()+"; did you mean \"http\"?")},
		"kind unknown, with keys of all kinds": {object{"kind": "htp", "period": "1d", "send": "x", "inteval": "5s"}, []scout.FieldError{
			{Field: "kind", Value: "htp", Message: "must be one of " + kindNames() + "; did you mean \"http\"?"},
			{Field: "inteval", Message: `is not a known key: did you mean "interval"?`},
		}},
		"name type":     {object{"name": 5}, fault("name", "5", "must be text, such as HTTP")},
		"name empty":    {object{"name": ""}, fault("name", "", "must be from 1 to 500 characters")},
		"name blank":    {object{"name": " "}, fault("name", " ", notBlank)},
		"target type":   {object{"target": 80}, fault("target", "80", "must be text, such as http://192.168.1.100/")},
		"target masked": {object{"target": "https://a:" + scout.Masked + "@web/"}, fault("target", "", maskGiven)},
		"target long": {
			object{"target": "http://ops:hunter2@web/" + strings.Repeat("a", 4096)},
			fault("target", "", "must be at most 4096 characters"),
		},
		"interval a number":     {object{"interval": 60}, fault("interval", "60", noDuration)},
		"interval without unit": {object{"interval": "60"}, fault("interval", "60", `"60" is not a duration: write a number and a unit, such as 500ms, 30s, 5m, 2h or 7d`)},
		"interval short":        {object{"interval": "999ms"}, fault("interval", "999ms", "must be 1s or more")},
		"interval long":         {object{"interval": "31d"}, fault("interval", "31d", "must be 30d or less")},
		"timeout type":          {object{"timeout": true}, fault("timeout", "true", noDuration)},
		"timeout short":         {object{"timeout": "49ms"}, fault("timeout", "49ms", "must be 50ms or more")},
		"timeout long":          {object{"timeout": "11m"}, fault("timeout", "11m", "must be 10m or less")},
		"confirm short":         {object{"confirm_interval": "0s"}, fault("confirm_interval", "0s", "must be 1s or more")},
		"confirm above interval": {
			object{"confirm_interval": "61s"}, fault("confirm_interval", "1m1s", "must not be longer than the interval, 1m"),
		},
		"fail_after zero":      {object{"fail_after": 0}, fault("fail_after", "0", count)},
		"fail_after many":      {object{"fail_after": uint64(1001)}, fault("fail_after", "1001", count)},
		"fail_after huge":      {object{"fail_after": uint64(1) << 63}, fault("fail_after", "9223372036854775808", count)},
		"fail_after text":      {object{"fail_after": "3"}, fault("fail_after", "3", "must be a whole number")},
		"fail_after fraction":  {object{"fail_after": 1.5}, fault("fail_after", "1.5", "must be a whole number")},
		"recover_after less":   {object{"recover_after": int64(-1)}, fault("recover_after", "-1", count)},
		"recover_after a list": {object{"recover_after": []any{1}}, fault("recover_after", "", "must be a whole number")},
		"key of another kind":  {object{"token": "hunter2"}, fault("token", "", "is not a known key: known here are "+keysOf(t, "http"))},
	}
	testFaults(t, object{"kind": "http"}, tests, parseCheck(scout.Server{Name: "web", IP: "192.0.2.1"}))
}

func parseCheck(server scout.Server) func(object) error {
	return func(in object) error {
		_, err := manage.ParseCheck(server, in)
		return err
	}
}

func TestKindFaults(t *testing.T) {
	t.Parallel()
	server := scout.Server{Name: "web", IP: "192.0.2.1"}
	manyHeaders := object{}
	for i := range 51 {
		manyHeaders[fmt.Sprint("X-", i)] = "v"
	}
	http := map[string]faultCase{
		"method":           {object{"method": "get"}, fault("method", "get", "must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")},
		"headers type":     {object{"headers": "hunter2"}, fault("headers", "", "must be a group of names and values, such as Authorization: Bearer …")},
		"headers too many": {object{"headers": manyHeaders}, fault("headers", "", "must be at most 50 entries")},
		"header null":      {object{"headers": object{"A": nil}}, fault("headers.A", "", "must be text")},
		"header masked":    {object{"headers": object{"A": scout.Masked}}, fault("headers.A", "", maskGiven)},
		"header name":      {object{"headers": object{"a b": "hunter2"}}, fault("headers.a b", "", "this is not a header name")},
		"body long":        {object{"body": strings.Repeat("a", 65537)}, fault("body", "", "must be at most 65536 characters")},
		"warn type":        {object{"warn": "1s"}, fault("warn", "1s", "must be a group of keys: latency")},
		"warn.latency":     {object{"warn": object{"latency": "0s"}}, fault("warn.latency", "0s", "must be 1ms or more")},
		"warn key":         {object{"warn": object{"latncy": "1s"}}, fault("warn.latncy", "", `is not a known key: did you mean "latency"?`)},
		"status type":      {object{"expect": object{"status": 200}}, fault("expect.status", "200", "must be a list, such as 200-299")},
		"status none":      {object{"expect": object{"status": []any{}}}, fault("expect.status", "", "must be from 1 to 50 items")},
		"expression":       {object{"expect": object{"body_matches": "("}}, fault("expect.body_matches", "(", "this is not a regular expression (RE2): missing closing )")},
		"certificate":      {object{"certificate": "no"}, fault("certificate", "no", "must be true or false")},
		"target scheme":    {object{"target": "ftp://web/"}, fault("target", "ftp://web/", "write an http or https URL, such as https://www.example.com/health")},
	}
	testFaults(t, object{"kind": "http"}, http, parseCheck(server))

	const tcpHelp = "host:port, or the port alone on a server with an address."
	tcp := map[string]faultCase{
		"target null": {object{"target": nil}, fault("target", "", "is missing: "+tcpHelp)},
		"contains":    {object{"expect": object{"contains": 5}}, fault("expect.contains", "5", "must be text, such as +PONG")},
	}
	testFaults(t, object{"kind": "tcp", "target": "22"}, tcp, parseCheck(server))

	tls := map[string]faultCase{
		"target null, no ip": {object{"target": nil}, fault("target", "", "is missing: the server has no ip to build one from. host, host:port or an https URL; port 443 unless named.")},
		"days":               {object{"warn": object{"days": -1}}, fault("warn.days", "-1", "must be from 0 to 3650")},
	}
	testFaults(t, object{"kind": "tls", "target": "web"}, tls, parseCheck(scout.Server{Name: "web"}))
}

func TestPassiveKindFaults(t *testing.T) {
	t.Parallel()
	known := "is not a known key: known here are grace, kind, name, period, remind, target, token"
	tests := map[string]faultCase{
		"period null":         {object{"period": nil}, fault("period", "", "is missing: How often the job pings.")},
		"period type":         {object{"period": 60}, fault("period", "60", noDuration)},
		"grace long":          {object{"grace": "367d"}, fault("grace", "367d", "must be 366d or less")},
		"token short":         {object{"token": "hunter2"}, fault("token", "", "must be from 16 to 128 characters")},
		"token type":          {object{"token": 1234567890123456}, fault("token", "", "must be text, such as nightly-backup-7f3a9c2e51")},
		"token foreign":       {object{"token": "nightly/backup/hunter2"}, fault("token", "", "the token is 16 to 128 letters, digits, - and _")},
		"no target":           {object{"target": "http://web/"}, fault("target", "http://web/", "a heartbeat has no target: leave it out")},
		"no interval":         {object{"interval": "60s"}, fault("interval", "", known)},
		"no confirm_interval": {object{"confirm_interval": "60s"}, fault("confirm_interval", "", known)},
		"no fail_after":       {object{"fail_after": 3}, fault("fail_after", "", known)},
		"no recover_after":    {object{"recover_after": 3}, fault("recover_after", "", known)},
	}
	base := object{"kind": "heartbeat", "period": "1d", "token": "nightly-backup-7f3a9c2e51"}
	testFaults(t, base, tests, parseCheck(scout.Server{Name: "web", IP: "192.0.2.1"}))
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	const (
		ours    = "is set by Server Scout and cannot be a custom header"
		notName = "is not a header name: use letters, digits and -"
		urlHelp = "is missing: Where it is sent to: an http or https URL."
	)
	tests := map[string]faultCase{
		"name null":        {object{"name": nil}, fault("name", "", "is missing: The webhook's name, unique among webhooks.")},
		"name blank":       {object{"name": " "}, fault("name", " ", notBlank)},
		"url null":         {object{"url": nil}, fault("url", "", urlHelp)},
		"url type":         {object{"url": []any{"https://hunter2"}}, fault("url", "", "must be text, such as https://hooks.example.com/alerts")},
		"url empty":        {object{"url": ""}, fault("url", "", "the URL is empty: write one such as https://hooks.example.com/path")},
		"url scheme":       {object{"url": "ftp://ops:hunter2@example.com/"}, fault("url", "", "the URL must begin with https:// or http://")},
		"url long":         {object{"url": "https://example.com/" + strings.Repeat("a", 4096)}, fault("url", "", "must be at most 4096 characters")},
		"url masked":       {object{"url": "https://example.com/?k=" + scout.Masked}, fault("url", "", maskGiven)},
		"format unknown":   {object{"format": "slak"}, fault("format", "slak", "must be one of auto, "+formatNames()+"; did you mean \"slack\"?")},
		"format type":      {object{"format": 1}, fault("format", "1", "must be text")},
		"types type":       {object{"alert_types": "critical"}, fault("alert_types", "critical", "must be a list")},
		"types none":       {object{"alert_types": []any{}}, fault("alert_types", "", "must be from 1 to 3 items")},
		"types unknown":    {object{"alert_types": []any{"critcal"}}, fault("alert_types[0]", "critcal", "must be one of critical, warning, recovery")},
		"types as strings": {object{"alert_types": []string{"all"}}, fault("alert_types[0]", "all", "must be one of critical, warning, recovery")},
		"headers type":     {object{"headers": []any{"hunter2"}}, fault("headers", "", `must be a group of names and values, such as {Authorization: "Bearer …"}`)},
		"header type":      {object{"headers": object{"A": []any{"hunter2"}}}, fault("headers.A", "", "must be text")},
		"header masked":    {object{"headers": object{"A": scout.Masked}}, fault("headers.A", "", maskGiven)},
		"header name":      {object{"headers": object{"a:b": "hunter2"}}, fault("headers.a:b", "", notName)},
		"header no name":   {object{"headers": object{"": "hunter2"}}, fault("headers", "", notName)},
		"header line":      {object{"headers": object{"A": "hunter2\r\nB: c"}}, fault("headers.A", "", "must not contain line breaks or control characters")},
		"header twice":     {object{"headers": object{"X-A": "1", "x-a": "2"}}, fault("headers.x-a", "", "is given twice, in different capitals")},
		"header Host":      {object{"headers": object{"host": "a"}}, fault("headers.host", "", ours)},
		"header length":    {object{"headers": object{"Content-Length": "1"}}, fault("headers.Content-Length", "", ours)},
		"header encoding":  {object{"headers": object{"Transfer-Encoding": "chunked"}}, fault("headers.Transfer-Encoding", "", ours)},
		"header close":     {object{"headers": object{"Connection": "close"}}, fault("headers.Connection", "", ours)},
		"header signature": {object{"headers": object{"webhook-signature": "v1,x"}}, fault("headers.webhook-signature", "", ours)},
		"secret type":      {object{"secret": true}, fault("secret", "", "must be text")},
		"secret prefix":    {object{"secret": "hunter2"}, fault("secret", "", "a signing secret begins with whsec_")},
		"secret short":     {object{"secret": "whsec_aHVudGVyMg=="}, fault("secret", "", "a signing secret holds 24 to 64 bytes, this one 7")},
		"secret masked":    {object{"secret": scout.Masked}, fault("secret", "", maskGiven)},
		"previous_secret":  {object{"previous_secret": "whsec_%"}, fault("previous_secret", "", "a signing secret is whsec_ followed by standard base64 with its padding")},
		"match type":       {object{"match": []any{"prod"}}, fault("match", "", "must be a group of keys: checks, servers, tags")},
		"match key":        {object{"match": object{"tagz": nil}}, fault("match.tagz", "", `is not a known key: did you mean "tags"?`)},
		"match.tags":       {object{"match": object{"tags": "prod"}}, fault("match.tags", "prod", "must be a list, such as [prod]")},
		"match.servers":    {object{"match": object{"servers": texts(1001)}}, fault("match.servers", "", "must be at most 1000 items")},
		"match.checks":     {object{"match": object{"checks": []any{object{}}}}, fault("match.checks[0]", "", "must be text")},
		"key":              {object{"header": object{"A": "hunter2"}}, fault("header", "", `is not a known key: did you mean "headers"?`)},
	}
	testFaults(t, object{"name": "ops", "url": "https://example.com/hook"}, tests, func(in object) error {
		_, err := manage.ParseWebhook(in, egress.CheckURL)
		return err
	})
}

// A required key that is not there at all reads as null does.
func TestMissingKeys(t *testing.T) {
	t.Parallel()
	_, err := manage.ParseServer(object{})
	wantFaults(t, err, "name")
	_, err = manage.ParseCheck(scout.Server{}, object{})
	wantFaults(t, err, "kind")
	_, err = manage.ParseWebhook(object{}, egress.CheckURL)
	wantFaults(t, err, "name", "url")
}

// What holds for every kind or format is in the schema for all of them.
func TestAllFieldsHoldThoseOfEach(t *testing.T) {
	t.Parallel()
	all := fieldPaths("", manage.AllCheckFields())
	for _, k := range probe.Kinds() {
		for at := range fieldPaths("", manage.CheckFields(k)) {
			if !all[at] {
				t.Errorf("AllCheckFields lacks %s of kind %s", at, k.Name)
			}
		}
	}
	all = fieldPaths("", manage.AllWebhookFields())
	for at := range fieldPaths("", manage.WebhookFields()) {
		if !all[at] {
			t.Errorf("AllWebhookFields lacks %s", at)
		}
	}
	for _, fields := range [][]scout.Field{manage.AllCheckFields(), manage.AllWebhookFields()} {
		names := scout.FieldNames(fields)
		if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
			t.Errorf("a key is listed twice: %v", names)
		}
	}
}

func fieldPaths(prefix string, fields []scout.Field) map[string]bool {
	paths := map[string]bool{}
	for _, f := range fields {
		at := scout.JoinPath(prefix, f.Name)
		paths[at] = true
		maps.Copy(paths, fieldPaths(at, f.Fields))
	}
	return paths
}
