package front

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestUnder(t *testing.T) {
	t.Parallel()
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.FormValue("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusCreated)
			return
		}
		_, _ = fmt.Fprint(w, r.URL.EscapedPath())
	})
	tests := map[string]struct {
		root, target string
		status       int
		body, to     string
	}{
		"below":                      {"/scout", "/scout/api/v1/servers", 200, "/api/v1/servers", ""},
		"the top":                    {"/scout", "/scout/", 200, "/", ""},
		"taken away by a proxy":      {"/scout", "/api/v1/servers", 200, "/api/v1/servers", ""},
		"its top":                    {"/scout", "/", 200, "/", ""},
		"without a slash":            {"/scout", "/scout", 307, "", "/scout/"},
		"without a slash, a query":   {"/scout", "/scout?a=b", 307, "", "/scout/?a=b"},
		"another that begins so":     {"/scout", "/scouts/x", 200, "/scouts/x", ""},
		"once, not twice":            {"/scout", "/scout/scout/x", 200, "/scout/x", ""},
		"escaped":                    {"/scout", "/scout/a%2Fb", 200, "/a%2Fb", ""},
		"deep":                       {"/a/b", "/a/b/c", 200, "/c", ""},
		"part of a deep one":         {"/a/b", "/a/c", 200, "/a/c", ""},
		"no root":                    {"", "/scout/x", 200, "/scout/x", ""},
		"a location":                 {"/scout", "/scout/x?to=/api/v1/servers/5", 201, "", "/scout/api/v1/servers/5"},
		"a location, taken away":     {"/scout", "/x?to=/api/v1/servers/5", 201, "", "/scout/api/v1/servers/5"},
		"a location that has it":     {"/scout", "/x?to=/scout/servers/5", 201, "", "/scout/servers/5"},
		"a location that begins so":  {"/scout", "/x?to=/scouts", 201, "", "/scout/scouts"},
		"a location elsewhere":       {"/scout", "/x?to=https://example.com/a", 201, "", "https://example.com/a"},
		"a location of another host": {"/scout", "/x?to=//example.com/a", 201, "", "//example.com/a"},
		"a relative location":        {"/scout", "/x?to=../a", 201, "", "../a"},
		"a location without root":    {"", "/x?to=/api/v1/servers/5", 201, "", "/api/v1/servers/5"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			Under(tt.root, next).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", tt.target, nil))
			if w.Code != tt.status || w.Header().Get("Location") != tt.to {
				t.Errorf("got %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), tt.status, tt.to)
			}
			if tt.body != "" && w.Body.String() != tt.body {
				t.Errorf("the path is %q, want %q", w.Body, tt.body)
			}
		})
	}
}

// TestUnderKeepsTheWriter has what a stream needs of the writer.
func TestUnderKeepsTheWriter(t *testing.T) {
	t.Parallel()
	var faults []error
	server := httptest.NewServer(Under("/scout", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		control := http.NewResponseController(w)
		faults = append(faults, control.SetWriteDeadline(time.Now().Add(time.Minute)), control.Flush())
	})))
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/scout/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(faults) != 2 || faults[0] != nil || faults[1] != nil {
		t.Errorf("got %v", faults)
	}
}
