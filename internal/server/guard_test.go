package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	const token = "open-sesame"
	trusting, asking := Guard{On: true, Hosts: []string{"poligon.test"}}, Guard{On: true, Token: token}
	for name, c := range map[string]struct {
		guard  Guard
		path   string
		host   string
		header map[string]string
		status int
	}{
		"off":                           {Guard{}, "/__admin/sessions", "evil.test", map[string]string{"Origin": "http://evil.test:1"}, 0},
		"localhost":                     {trusting, "/__admin/sessions", "localhost:8080", nil, 0},
		"a name below localhost":        {trusting, "/__admin/sessions", "poligon.localhost", nil, 0},
		"an address":                    {trusting, "/__admin/sessions", "127.0.0.1:8080", nil, 0},
		"an IPv6 address":               {trusting, "/__admin/sessions", "[::1]:8080", nil, 0},
		"an allowed name":               {trusting, "/__admin/sessions", "Poligon.Test:8080", nil, 0},
		"a rebound name":                {trusting, "/__admin/sessions", "evil.test:8080", nil, 403},
		"a name like localhost":         {trusting, "/__admin/sessions", "localhost.evil.test", nil, 403},
		"a name like an address":        {trusting, "/__admin/sessions", "127.0.0.1.evil.test", nil, 403},
		"no name":                       {trusting, "/__admin/sessions", "", nil, 403},
		"metrics by a rebound name":     {trusting, "/metrics", "evil.test", nil, 403},
		"health by any name":            {trusting, "/readyz", "evil.test", nil, 0},
		"a partner API by any name":     {asking, "/osago/calculate", "partner.test", map[string]string{"Origin": "http://evil.test"}, 0},
		"a page of the server":          {trusting, "/__admin/sessions", "localhost:8080", map[string]string{"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}, 0},
		"typed into a browser":          {trusting, "/__admin/sessions", "localhost:8080", map[string]string{"Sec-Fetch-Site": "none"}, 0},
		"a page of another site":        {trusting, "/__admin/sessions", "localhost:8080", map[string]string{"Origin": "https://evil.test"}, 403},
		"a page of another port":        {trusting, "/__admin/sessions", "localhost:8080", map[string]string{"Origin": "http://localhost:3000"}, 403},
		"a page without a name":         {trusting, "/__admin/sessions", "localhost:8080", map[string]string{"Origin": "null"}, 403},
		"a link of another site":        {trusting, "/__admin/sessions", "localhost:8080", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"without the token":             {asking, "/__admin/sessions", "localhost", nil, 401},
		"with a wrong token":            {asking, "/__admin/sessions", "localhost", map[string]string{"Authorization": "Bearer " + token + "x"}, 401},
		"with an empty token":           {asking, "/__admin/sessions", "localhost", map[string]string{"Authorization": "Bearer "}, 401},
		"with the token, another way":   {asking, "/__admin/sessions", "localhost", map[string]string{"Authorization": "Basic " + token}, 401},
		"with the token":                {asking, "/__admin/sessions", "anything.test", map[string]string{"Authorization": "bearer " + token, "Origin": "http://tool.test"}, 0},
		"metrics without the token":     {asking, "/metrics", "localhost", nil, 401},
		"health without the token":      {asking, "/livez", "localhost", nil, 0},
		"deep below, without the token": {asking, "/__admin/sessions/a/journal/1", "localhost", nil, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "http://x"+c.path, nil)
			r.Host = c.host
			for key, value := range c.header {
				r.Header.Set(key, value)
			}
			w := httptest.NewRecorder()
			w.Code = 0
			if ok := c.guard.admits(w, r); ok != (c.status == 0) || w.Code != c.status {
				t.Errorf("admitted %v with %d, not %d: %s", ok, w.Code, c.status, w.Body)
			}
			if w.Code != 0 && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%v", w.Header())
			}
		})
	}
}
