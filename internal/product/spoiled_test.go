package product_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// However a good body is spoiled, the answer is one that the contract has for it: taken or refused, never a fault of ours, and
// a refused body leaves nothing behind.
func TestSpoiledBodies(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	imported := asJSON(map[string]any{"risks": list(risk(nil), risk(with("productType", 2)))})
	for part := range 4 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(part)))
			s := p.frozen(t, "")
			for range 100 {
				before := s.shown(t).Subjects
				body := spoil(r, application(ours))
				if a := s.post(t, body); a.status != 200 && a.status != 400 {
					t.Errorf("%q: %s", body, a)
				} else if a.status == 400 && s.shown(t).Subjects != before {
					t.Errorf("%q is refused and kept", body)
				}
				body = spoil(r, imported)
				if a := s.importBody(t, body); a.status != 200 && a.status != 400 {
					t.Errorf("%q: %s", body, a)
				}
			}
		})
	}
}

// spoil changes a few places of a body: a byte becomes another, or goes, or a piece comes twice or from elsewhere.
func spoil(r *rand.Rand, body string) string {
	b := []byte(body)
	for range 1 + r.IntN(3) {
		at := r.IntN(len(b))
		piece := b[at:min(at+r.IntN(20), len(b))]
		switch r.IntN(5) {
		case 0:
			b[at] = byte(r.IntN(256))
		case 1:
			b[at] = `{}[]",:0-e\n t`[r.IntN(14)]
		case 2:
			b = append(b[:at:at], b[at+1:]...)
		case 3:
			b = append(b[:at:at], append([]byte(string(piece)), b[at:]...)...)
		case 4:
			copy(b[r.IntN(len(b)):], piece)
		}
	}
	return string(b)
}
