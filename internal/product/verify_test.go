package product_test

import "testing"

// verify holds the session's journal against expectations.
func (s *play) verify(t *testing.T, body string) answer {
	t.Helper()
	return s.admin(t, "POST", "/verify", body)
}
