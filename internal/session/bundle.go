package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"poligon/internal/journal"
	"poligon/internal/scenario"
)

// Recording is a session from how it began to this moment: all that is needed to play it again.
type Recording struct {
	Session   string             `json:"session"`
	Real      time.Time          `json:"real"`   // when it began
	Origin    *Snapshot          `json:"origin"` // how it began
	Labels    map[string]string  `json:"labels,omitempty"`
	Exchanges []journal.Exchange `json:"exchanges"`

	Library *scenario.Library `json:"-"` // the server's when it began
}

// Bundle is a recording with all that it depends on: what `poligon replay` reads.
type Bundle struct {
	Format    int               `json:"format"`
	Poligon   string            `json:"poligon"`   // the version that wrote it
	Contracts map[string]string `json:"contracts"` // SHA-256 by API
	Scenarios []BundleScenario  `json:"scenarios"` // all that the server had: magic values may choose any
	Server    map[string]string `json:"server"`    // flags that answers depend on
	Recording Recording         `json:"recording"`
}

// BundleScenario is a scenario as it was then.
type BundleScenario struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Source string `json:"source"`
}

// bundled is a scenario as a bundle keeps it.
func bundled(s *scenario.Scenario) BundleScenario {
	sum := sha256.Sum256(s.Source)
	return BundleScenario{Name: s.Name, SHA256: hex.EncodeToString(sum[:]), Source: string(s.Source)}
}

// Told are the scenarios with which a recording began, as a bundle keeps them.
func (r *Recording) Told() (list []BundleScenario) {
	for _, s := range r.Library.All() {
		list = append(list, bundled(s))
	}
	return list
}

// ErrNotWhole says that a session cannot be recorded, for its journal does not hold all that happened.
var ErrNotWhole = fmt.Errorf("the journal does not hold all that happened since the session began")

// Recording is what happened in the session since it began, or since it was last reset as a whole. Secrets are taken out.
func (s *Session) Recording(context.Context) (*Recording, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	kept := s.Journal()
	view := kept.View()
	switch {
	case !kept.Whole():
		return nil, fmt.Errorf("%w: %d exchanges were dropped, or bodies cut, or it was cleared; reset the session as a whole, or create it with larger limits (journal: {entries, bytes})",
			ErrNotWhole, view.Dropped)
	case s.partial:
		return nil, fmt.Errorf("%w: the journal alone was reset", ErrNotWhole)
	}
	r := &Recording{Session: s.name, Real: s.zeroReal, Origin: s.zero, Labels: s.config.Labels, Exchanges: []journal.Exchange{}, Library: s.zeroBase}
	for _, e := range view.Exchanges {
		if e.Running {
			return nil, fmt.Errorf("%w: exchange %d is still running; ask again when it has ended", ErrNotWhole, e.Number)
		}
		r.Exchanges = append(r.Exchanges, withoutSecrets(e))
	}
	return r, nil
}

// withoutSecrets takes out of an exchange what opens doors: signs, headers that carry credentials, and those in bodies. A replay needs
// none of them, for what was found out about them is kept.
func withoutSecrets(e journal.Exchange) journal.Exchange {
	e.Request.Target = journal.WithoutSecrets(e.Request.Target)
	e.Request.Header, e.Answer.Header = headerWithoutSecrets(e.Request.Header), headerWithoutSecrets(e.Answer.Header)
	if !e.Act { // those of acts are orders, which a replay needs as they were
		e.Request.Body, e.Answer.Body = journal.RequestWithoutSecrets(e.Request.Body), journal.AnswerWithoutSecrets(e.Answer.Body)
	}
	return e
}

func headerWithoutSecrets(from []journal.Field) []journal.Field {
	header := make([]journal.Field, 0, len(from))
	for _, f := range from {
		if journal.SecretHeader(f.Name) {
			f.Value = "removed"
		}
		header = append(header, f)
	}
	return header
}
