// Package delivery sends what the sessions' partners owe to others, their reports of sales, at the instants of the sessions' clocks. What is
// owed, when, and what an answer means is decided elsewhere: here are the network and the real time.
//
// A session sends one request at a time, in the order in which they are due; many sessions send at once. Nothing but the targets is ever
// called, and no redirect is followed.
package delivery

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"poligon/internal/session"
)

// Config is what a sender needs.
type Config struct {
	Targets []Target // at least one
	Token   string   // that requests carry; empty for none
	Silent  bool     // whether requests have no headers of Poligon's own
	Timeout time.Duration
	// Wait waits for a real duration or until the context ends.
	Wait func(context.Context, time.Duration) error
}

// Timeout is how long an answer is waited for, in real time, unless somebody says otherwise.
const Timeout = 5 * time.Second

// atOnce is how many requests are under way at a time.
const atOnce = 64

// Sender sends. Its methods may be called at once from many goroutines.
type Sender struct {
	config Config
	client http.Client
	slots  chan struct{} // one for each request that is under way
	life   context.Context
	end    context.CancelFunc

	mu     sync.Mutex
	works  map[*session.Session]*work
	alarms map[*session.Session]*alarm // of those that wait until something is due
	idle   sync.WaitGroup              // of works
	done   bool
}

// work is a session whose requests are being sent.
type work struct {
	over  chan struct{} // closed when nothing more is due
	again bool          // whether something may have become due since it was looked
}

// New returns a sender.
func New(config Config) *Sender {
	if config.Timeout == 0 {
		config.Timeout = Timeout
	}
	d := &Sender{config: config, client: newClient(), slots: make(chan struct{}, atOnce), works: map[*session.Session]*work{}, alarms: map[*session.Session]*alarm{}}
	d.life, d.end = context.WithCancel(context.Background())
	return d
}

// Wake has a session's requests be sent that are due, and does not wait for it. It may be called for nothing.
func (d *Sender) Wake(s *session.Session) { d.wake(s) }

// Flush has a session's requests be sent that are due, and waits until there are none; for at most twice the time for which an answer is
// waited for, or until the context ends. The rest is sent all the same.
func (d *Sender) Flush(ctx context.Context, s *session.Session) {
	ctx, cancel := context.WithTimeout(ctx, 2*d.config.Timeout)
	defer cancel()
	select {
	case <-d.wake(s):
	case <-ctx.Done():
	case <-d.life.Done():
	}
}

// Close sends nothing more, and waits for what is under way until the context ends.
func (d *Sender) Close(ctx context.Context) {
	d.mu.Lock()
	d.done = true
	d.mu.Unlock()
	d.end()
	over := make(chan struct{})
	go func() {
		d.idle.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
		slog.Warn("reports of sales were still under way and are cut off")
	}
}

// wake begins a session's work, or has the one that goes on look again; it tells when that is over.
func (d *Sender) wake(s *session.Session) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.works[s]; w != nil {
		w.again = true
		return w.over
	}
	w := &work{over: make(chan struct{})}
	if d.done {
		close(w.over)
		return w.over
	}
	if a := d.alarms[s]; a != nil {
		a.stop()
		delete(d.alarms, s)
	}
	d.works[s] = w
	d.idle.Add(1)
	go d.work(s, w)
	return w.over
}

// work sends all that is due in a session.
func (d *Sender) work(s *session.Session, w *work) {
	defer d.idle.Done()
	for {
		next := d.clear(s)
		d.mu.Lock()
		if w.again && !d.done {
			w.again = false
			d.mu.Unlock()
			continue
		}
		delete(d.works, s)
		if next >= 0 && !d.done {
			d.setAlarm(s, next)
		}
		close(w.over)
		d.mu.Unlock()
		return
	}
}

// clear sends until nothing is due; it tells how long it is until something is again, negative for never. A fault of ours ends it, so that
// nothing is sent over and over: the session sends again when it is woken.
func (d *Sender) clear(s *session.Session) (next time.Duration) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("internal error in what is to be sent", "session", s.Name(), "panic", p, "stack", string(debug.Stack()))
			next = -1
		}
	}()
	for {
		d.mu.Lock()
		done := d.done
		d.mu.Unlock()
		select {
		case <-s.Gone():
			done = true
		default:
		}
		if done {
			return -1
		}
		claim, next, err := s.Claim(context.Background())
		switch {
		case err == nil && claim == nil:
			return next
		case err == nil:
			err = d.deliver(s, claim)
		}
		if err != nil {
			slog.Error("a report of a sale is given up", "session", s.Name(), "error", err)
			return -1
		}
	}
}

// soonest is the shortest time for which an alarm is set: a clock that is read a little early is not asked without end.
const soonest = time.Millisecond

// alarm is what wakes a session's work.
type alarm struct{ stop context.CancelFunc }

// setAlarm wakes a session's work after a real time, unless the session goes. It is called with the lock held.
func (d *Sender) setAlarm(s *session.Session, after time.Duration) {
	ctx, stop := context.WithCancel(d.life)
	a := &alarm{stop}
	d.alarms[s] = a
	go func() {
		select {
		case <-s.Gone():
			stop()
		case <-ctx.Done():
		}
	}()
	go func() {
		defer stop()
		late := d.config.Wait(ctx, max(after, soonest)) != nil || ctx.Err() != nil
		d.mu.Lock()
		ours := d.alarms[s] == a
		if ours {
			delete(d.alarms, s)
		}
		d.mu.Unlock()
		if ours && !late {
			d.wake(s)
		}
	}()
}
