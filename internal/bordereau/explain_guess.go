package bordereau

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
	"iter"
)

// Bounds of an explanation. A wrong sign must not cost the server much more than a right one, however long the body is and
// however many partners there are: guesses are made in the order in which people make the mistakes, until the work is done.
const (
	explainBytes  = 1 << 20  // of a body of which every spelling is tried
	explainWork   = 64 << 20 // bytes that are hashed
	earlierBodies = 50       // how many bodies that came earlier are tried
	earlierWork   = 16 << 20 // bytes of them that are hashed
)

// guesser makes signs of one body and compares them with the given one.
type guesser struct {
	given       []byte
	form        Mistake // in how the sign is written
	own, others []passwordGuess
	work        int // bytes that may still be hashed
}

// explain is how the sign was made: from the body as it is; from the password alone; from another spelling of the body; from a
// body that came earlier; from the body's JSON written otherwise; from any of them with another partner's password before it.
func (g *guesser) explain(body []byte, earlier iter.Seq[[]byte]) []Mistake {
	if found, ok := g.alone(body); ok {
		return found
	}
	for b := range spellings(body) {
		if found, ok := g.try(b, g.own); ok || g.work <= 0 {
			return found
		}
	}
	if found, ok := g.tryEarlier(earlier); ok {
		return found
	}
	for r := range rewritings(body) {
		if bytes.Equal(r.bytes, body) {
			continue
		}
		if found, ok := g.try(bodyGuess{r.bytes, reserialised(r.how)}, g.own[:min(1, len(g.own))]); ok || g.work <= 0 {
			return found
		}
	}
	for b := range spellings(body) {
		for _, p := range g.others {
			if found, ok := g.before(b, p); ok || g.work <= 0 {
				return found
			}
		}
	}
	return nil
}

func reserialised(how string) Mistake {
	return Mistake{"re-serialised", fmt.Sprintf("the signed JSON is written otherwise than the sent one (%s); sign the very bytes that you send", how)}
}

// tryEarlier tries the bodies that came earlier.
func (g *guesser) tryEarlier(earlier iter.Seq[[]byte]) ([]Mistake, bool) {
	if earlier == nil {
		return nil, false
	}
	bodies, size := 0, 0
	for old := range earlier {
		bodies, size = bodies+1, size+len(old)
		if bodies > earlierBodies || size > earlierWork || g.work <= 0 {
			break
		}
		b := bodyGuess{old, Mistake{"old-body", "the sign is that of a body that was sent earlier; sign each body anew, after its last change"}}
		if found, ok := g.behind(b, false); ok {
			return found, true
		}
	}
	return nil, false
}

// try tries a body with every password behind it, and with some before it.
func (g *guesser) try(b bodyGuess, before []passwordGuess) ([]Mistake, bool) {
	if found, ok := g.behind(b, true); ok {
		return found, true
	}
	for _, p := range before {
		if found, ok := g.before(b, p); ok {
			return found, true
		}
	}
	return nil, false
}

// behind tries a body with every password behind it and, of the partner's own, with what else people put there when oddly is
// true. The body is hashed once for all of them.
func (g *guesser) behind(b bodyGuess, oddly bool) ([]Mistake, bool) {
	if !g.spend(len(b.bytes)) {
		return nil, false
	}
	state := sha256.New()
	state.Write(b.bytes)
	inner := hex.EncodeToString(state.Sum(nil))
	for i, p := range append(g.own[:len(g.own):len(g.own)], g.others...) {
		if g.fits(sum(state, p.text)) {
			return g.several(b.mistake, p.mistake, Mistake{}), true
		}
		if i >= len(g.own) || !oddly {
			continue
		}
		if g.fits(sum(sha256.New(), inner+p.text)) {
			return g.several(b.mistake, p.mistake, Mistake{"hash-of-hash", "the hash of the body was hashed with the password; hash the body itself"}), true
		}
		for _, between := range [...]string{":", "+", "&", ".", "|", " "} {
			if g.fits(sum(state, between+p.text)) {
				return g.several(b.mistake, p.mistake, Mistake{"separator", fmt.Sprintf("%q was hashed between body and password; put nothing between them", between)}), true
			}
		}
	}
	return nil, false
}

// before tries a body with a password before it, before and behind it, and as the key of an HMAC.
func (g *guesser) before(b bodyGuess, p passwordGuess) ([]Mistake, bool) {
	if p.text == "" || !g.spend(2*len(b.bytes)) {
		return nil, false
	}
	state := sha256.New()
	state.Write([]byte(p.text))
	state.Write(b.bytes)
	mac := hmac.New(sha256.New, []byte(p.text))
	mac.Write(b.bytes)
	switch {
	case g.fits(state.Sum(nil)):
		return g.several(b.mistake, p.mistake, Mistake{"password-first", "the password was hashed before the body; hash the body, then the password"}), true
	case g.fits(sum(state, p.text)):
		return g.several(b.mistake, p.mistake, Mistake{"password-twice", "the password was hashed before and behind the body; only behind"}), true
	case g.fits(mac.Sum(nil)):
		return g.several(b.mistake, p.mistake, Mistake{"hmac", "the sign is an HMAC with the password as its key; use plain SHA-256 of the body followed by the password"}), true
	}
	return nil, false
}

// alone tries the passwords without any body.
func (g *guesser) alone(body []byte) ([]Mistake, bool) {
	if len(body) == 0 {
		return nil, false // the password behind an empty body is alone by right
	}
	for _, p := range append(g.own[:len(g.own):len(g.own)], g.others...) {
		if p.text != "" && g.fits(sum(sha256.New(), p.text)) {
			return g.several(Mistake{}, p.mistake, Mistake{"password-alone", "the password alone was hashed; hash the body followed by the password"}), true
		}
	}
	return nil, false
}

// spend takes the hashing of so many bytes from the work that is left. When that is less, the work is done and nothing may be
// hashed.
func (g *guesser) spend(n int) bool {
	if n > g.work {
		g.work = 0
		return false
	}
	g.work -= n
	return true
}

// fits says whether a hash is the given one, in a time that tells nothing of where they differ.
func (g *guesser) fits(hash []byte) bool { return subtle.ConstantTimeCompare(hash, g.given) == 1 }

// several are the mistakes among some that may be none, and the one in how the sign is written.
func (g *guesser) several(all ...Mistake) (list []Mistake) {
	for _, m := range append(all, g.form) {
		if m.ID != "" {
			list = append(list, m)
		}
	}
	return list
}

// sum is the hash of what was written so far and of a text behind it.
func sum(state hash.Hash, text string) []byte {
	copied, err := state.(hash.Cloner).Clone() // every hash of the standard library is one
	if err != nil {
		return nil
	}
	copied.Write([]byte(text))
	return copied.Sum(nil)
}
