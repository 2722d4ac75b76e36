package session

import (
	"time"

	"poligon/internal/journal"
)

// overdue is how much later than its faults say an exchange may end, in real time, before the process that answers it is taken for dead:
// longer than an answer takes, and than the clocks of two hosts differ.
const overdue = 2 * time.Minute

// endLost ends exchanges that ran when the process ended that answered them, within a turn in which nothing was done yet: all that run, or
// those that are overdue. Where the store is away they end another time.
func (s *Session) endLost(all bool) {
	j := s.Journal()
	if !j.Running() {
		return
	}
	now := s.now()
	for _, b := range j.Runs() {
		e, err := journal.Decode(b)
		if err != nil || !all && now.Before(e.Real.Add(s.kept.late[e.Number]+overdue)) {
			continue
		}
		e.Faults = append(e.Faults, "the server ended before it was answered")
		s.endInTurn(j, e)
	}
}
