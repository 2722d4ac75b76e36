package redis

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Commits to one server that come at once are sent together, in one write and one read of a connection, for those cost more than the
// commits. In a cluster each is sent by itself, so that a node that is away keeps nobody waiting but who needs it.

// sent is a commit on its way.
type sent struct {
	keys []string
	args []any
	made int
	err  error
	done chan struct{}
}

// How commits are sent together.
const (
	senders = 2  // at once
	most    = 64 // in one go
)

func (s *Store) sendTogether() {
	s.queue = make(chan *sent, most)
	for range senders {
		s.ended.Go(s.send)
	}
}

// run runs the script of a commit.
func (s *Store) run(ctx context.Context, keys []string, args []any) (int, error) {
	if s.queue == nil {
		return s.commit.Run(ctx, s.client, keys, args...).Int()
	}
	if err := ctx.Err(); err != nil {
		return 0, err // select might take the queue
	}
	c := &sent{keys: keys, args: args, done: make(chan struct{})}
	select {
	case s.queue <- c:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-s.life.Done():
		return 0, redis.ErrClosed
	}
	select {
	case <-c.done:
		return c.made, c.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-s.life.Done():
		return 0, redis.ErrClosed
	}
}

// send sends commits until the store is closed: all that wait, together.
func (s *Store) send() {
	for {
		var batch []*sent
		select {
		case c := <-s.queue:
			batch = append(batch, c)
		case <-s.life.Done():
			return
		}
		for more := true; more && len(batch) < most; {
			select {
			case c := <-s.queue:
				batch = append(batch, c)
			default:
				more = false
			}
		}
		s.sendAll(batch)
	}
}

// sendAll sends commits and waits for what becomes of them. Where the server does not know the script, it is sent with the commit.
func (s *Store) sendAll(batch []*sent) {
	ctx, cancel := context.WithTimeout(s.life, together)
	defer cancel()
	commands := make([]*redis.Cmd, len(batch))
	if len(batch) == 1 {
		commands[0] = s.client.EvalSha(ctx, s.commit.Hash(), batch[0].keys, batch[0].args...)
	} else {
		pipe := s.client.Pipeline()
		for i, c := range batch {
			commands[i] = pipe.EvalSha(ctx, s.commit.Hash(), c.keys, c.args...)
		}
		_, _ = pipe.Exec(ctx) // each command has its own error
	}
	for i, c := range batch {
		c.made, c.err = commands[i].Int()
		if c.err != nil && strings.HasPrefix(c.err.Error(), "NOSCRIPT") {
			c.made, c.err = s.commit.Eval(ctx, s.client, c.keys, c.args...).Int()
		}
		close(c.done)
	}
}
