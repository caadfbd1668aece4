package arch

// A room is a package under internal, with all packages below it that have no
// room of their own.
type room struct {
	may     []string // rooms it may import
	all     bool     // may import every room that is no test kit
	kit     bool     // test kit: only tests and other kits import it
	modules []string // third-party modules it may import
	why     string   // the reason, as the end of the message when the rule is broken
}

// rooms is the import table, keyed by the path below internal. It binds what
// is linked; tests may import what they need.
var rooms = map[string]room{
	"scout": {
		why: "the domain's types are what every other package speaks in, so they depend on none, and on nothing but the standard library",
	},
	"incident": {
		may: []string{"scout"},
		why: "the state machine and the routing are pure, so that every case can be tested as a table",
	},
	"probe": {
		may:     []string{"scout"},
		modules: []string{"github.com/miekg/dns", "github.com/prometheus-community/pro-bing"},
		why:     "a probe answers what it sees and touches nothing else; what follows from it is decided by incident",
	},
	"egress": {
		may: []string{"scout"},
		why: "the one way out knows requests and answers, not deliveries: its address policy must hold whoever calls",
	},
	"integration": {
		may: []string{"scout"},
		why: "a format turns a notice into a request and is pure, so that golden files describe it wholly",
	},
	"monitor": {
		may: []string{"scout", "incident", "probe"},
		why: "the engine declares the methods it needs of the store, and app joins them",
	},
	"deliver": {
		may: []string{"scout", "integration", "egress"},
		why: "lanes declare the methods they need of the store, and app joins them",
	},
	"store": {
		may:     []string{"scout"},
		modules: []string{"modernc.org/sqlite", "github.com/pressly/goose/v3"},
		why:     "the store keeps what it is given and decides nothing; decisions reach it as functions",
	},
	"manage": {
		may: []string{"scout", "probe", "integration"},
		why: "commands are validated by the registries' metadata and stored through methods declared here",
	},
	"api": {
		may:     []string{"scout", "manage"},
		modules: []string{"github.com/danielgtaylor/huma/v2"},
		why:     "an edge changes things through manage and reaches the engine by the ports that app injects",
	},
	"web": {
		may:     []string{"scout", "manage"},
		modules: []string{"github.com/a-h/templ"},
		why:     "an edge changes things through manage and reaches the engine by the ports that app injects",
	},
	"app": {
		all:     true,
		modules: []string{"github.com/goccy/go-yaml", "github.com/prometheus/client_golang"},
		why:     "app joins the rooms; what it needs of other modules belongs to the room whose concern it is",
	},
	"arch": {
		why: "the keeper of the rules is outside of what it judges",
	},
	"integration/fake": {
		kit: true,
		why: "a fake that shared code or limits with the renderers would agree with their mistakes",
	},
	"store/storetest": {
		kit: true, may: []string{"scout", "store"},
		modules: []string{"github.com/google/go-cmp", "pgregory.net/rapid"},
		why:     "the conformance suite sees a store as its users do",
	},
}

// scoutCommand is the rule for the package of the binary.
var scoutCommand = room{
	may:     []string{"app", "scout"},
	modules: []string{"github.com/alecthomas/kong"},
	why:     "the command only parses its arguments and calls app, so that tests can run the whole program in process",
}

// A fence keeps a standard library package, or some of its names, inside a
// few places. Tests are outside of every fence.
type fence struct {
	path   string   // import path
	names  []string // the names that are fenced; nil for the whole package
	within []string // prefixes of the file paths where they may be used; nil: everywhere but in barred
	barred []string // rooms where they may not be used
	why    string
}

var fences = []fence{
	{
		path:   "database/sql",
		within: []string{"internal/store/"},
		why:    "SQL stands in one place, behind the dialect",
	},
	{
		path:   "net/http",
		names:  []string{"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"},
		within: []string{"internal/egress/", "internal/probe/", "internal/app/client/", "cmd/"},
		why:    "notifications leave through egress alone: a second client would know neither the address policy nor the deadline",
	},
	{
		path:   "time",
		names:  []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"},
		barred: []string{"incident", "integration"},
		why:    "pure code is told the time",
	},
}

// revealers lists who may see inside a secret, each with its reason.
var revealers = map[string]string{
	"egress":      "sends it",
	"store":       "encrypts it",
	"integration": "places it where a target wants it, and signs with it",
	"deliver":     "hands it to the format and has it masked in the record",
	"manage":      "validates it before it is stored",
	"monitor":     "recognises a heartbeat by its token",
	"app":         "reads it from the configuration file and shows a token once, when it is made",
}

// The ceilings are soft: what is longer has an entry below that says why.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)

// longer maps a file ("internal/x/y.go") or a function ("internal/x/y.go:F",
// "internal/x/y.go:T.M") that exceeds its ceiling to the reason. An entry that
// is no longer needed fails.
var longer = map[string]string{}
