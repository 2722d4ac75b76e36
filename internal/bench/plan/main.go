// Command plan simulates a stand of several servers over a cluster of Redis, for docs/scaling.md: clients that poll, a balancer that knows
// nothing, servers with cores, nodes of Redis with one thread each. Service times are those that docs/scaling.md measured; what it prints
// is a calculation, not a measurement.
package main

import (
	"container/heap"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"poligon/internal/dice"
)

// stand is what is simulated.
type stand struct {
	servers, cores, nodes, sessions int
	rate                            float64 // requests a second, at random
	serve, script, wire             time.Duration
	sticky                          bool // whether a session's requests go to one server
}

// cores are when each of several cores is free, the first one first.
type cores []time.Duration

func (c cores) Len() int           { return len(c) }
func (c cores) Less(i, j int) bool { return c[i] < c[j] }
func (c cores) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cores) Push(x any)        { *c = append(*c, x.(time.Duration)) }
func (c *cores) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// take has the core that is free first work, from an instant on, and gives when it is done.
func (c *cores) take(from, work time.Duration) time.Duration {
	done := max((*c)[0], from) + work
	(*c)[0] = done
	heap.Fix(c, 0)
	return done
}

// result is what came of a simulation.
type result struct {
	p50, p99  time.Duration
	serverUse float64 // of the cores
	nodeUse   float64 // of the busiest node
	calls     float64 // of scripts for a request
}

// request is one on its way. What it waits for comes in the order of time, so each step is an event.
type request struct {
	at, came        time.Duration
	session, server int
	left            int // scripts; negative before it is known how many
	turn            bool
}

// events are requests, the one that goes on first first.
type events []*request

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(*request)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// run is a simulation that runs.
type run struct {
	stand
	servers, nodes []cores
	busy           []time.Duration
	last           []int // the server that a session's copy is up to date at
	waiting        map[[2]int][]*request
	held           map[[2]int]bool // turns: of a session at a server
	queue          events
	work           time.Duration
	calls          int
	took           []time.Duration
}

// step has a request go on: a core of its server, its turn, its scripts one after another.
func (r *run) step(q *request) {
	key := [2]int{q.session, q.server}
	switch {
	case q.left < 0: // it came
		q.left = 0
		q.at = r.servers[q.server].take(q.at, r.serve)
		r.work += r.serve
	case !q.turn:
		if r.held[key] {
			r.waiting[key] = append(r.waiting[key], q)
			return
		}
		r.begin(q, key)
	case q.left > 0:
		q.left--
		node := q.session % r.stand.nodes
		q.at = r.nodes[node].take(q.at+r.wire/2, r.script) + r.wire/2
		r.busy[node] += r.script
		r.calls++
	default:
		r.took = append(r.took, q.at-q.came)
		delete(r.held, key)
		if next := r.waiting[key]; len(next) > 0 {
			next[0].at, r.waiting[key] = q.at, next[1:]
			r.begin(next[0], key)
			heap.Push(&r.queue, next[0])
		}
		return
	}
	heap.Push(&r.queue, q)
}

// begin gives a request its turn. Where the copy of the session is of before, there is a commit in vain and a look first.
func (r *run) begin(q *request, key [2]int) {
	r.held[key], q.turn, q.left = true, true, 1
	if r.last[q.session] != q.server {
		q.left = 3
		q.at = r.servers[q.server].take(q.at, r.serve/2)
		r.work += r.serve / 2
	}
	r.last[q.session] = q.server
}

// simulate plays so many requests.
func (s stand) simulate(requests int, seed uint64) result {
	r := &run{stand: s, servers: make([]cores, s.servers), nodes: make([]cores, s.nodes), busy: make([]time.Duration, s.nodes), last: make([]int, s.sessions),
		waiting: map[[2]int][]*request{}, held: map[[2]int]bool{}}
	for i := range r.servers {
		r.servers[i] = make(cores, s.cores)
	}
	for i := range r.nodes {
		r.nodes[i] = make(cores, 1)
	}
	var now time.Duration
	d := dice.New(seed)
	for i := range requests {
		name := strconv.Itoa(i)
		now += time.Duration(-math.Log(1-d.Of("gap", name).Float()) / s.rate * float64(time.Second))
		q := &request{at: now, came: now, left: -1, session: d.Of("session", name).IntN(s.sessions), server: d.Of("server", name).IntN(s.servers)}
		if s.sticky {
			q.server = q.session % s.servers
		}
		for len(r.queue) > 0 && r.queue[0].at <= now {
			r.step(heap.Pop(&r.queue).(*request))
		}
		heap.Push(&r.queue, q)
	}
	for len(r.queue) > 0 {
		r.step(heap.Pop(&r.queue).(*request))
	}
	slices.Sort(r.took)
	return result{p50: r.took[len(r.took)/2], p99: r.took[len(r.took)*99/100], calls: float64(r.calls) / float64(requests),
		serverUse: float64(r.work) / float64(now) / float64(s.servers*s.cores), nodeUse: float64(slices.Max(r.busy)) / float64(now)}
}

func main() {
	s := stand{}
	flag.IntVar(&s.cores, "cores", 4, "of a server")
	flag.IntVar(&s.sessions, "sessions", 10_000, "that are used")
	flag.DurationVar(&s.serve, "serve", 80*time.Microsecond, "of a core for a request with its commit")
	flag.DurationVar(&s.script, "script", 19*time.Microsecond, "of Redis for a script")
	flag.DurationVar(&s.wire, "wire", 200*time.Microsecond, "there and back between a server and Redis")
	flag.Parse()
	fmt.Println("| requests a second | servers | nodes | balancer | p50 | p99 | servers' cores | busiest node | scripts a request |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, one := range []struct {
		rate           float64
		servers, nodes int
	}{{2_000, 2, 1}, {10_000, 2, 3}, {10_000, 3, 3}, {20_000, 4, 3}, {50_000, 8, 3}, {100_000, 16, 6}} {
		for _, sticky := range []bool{false, true} {
			s.rate, s.servers, s.nodes, s.sticky = one.rate, one.servers, one.nodes, sticky
			how := "any server"
			if sticky {
				how = "by session"
			}
			r := s.simulate(400_000, 1)
			fmt.Printf("| %.0f | %d | %d | %s | %s | %s | %.0f %% | %.0f %% | %.1f |\n", s.rate, s.servers, s.nodes, how, short(r.p50), short(r.p99), 100*r.serverUse, 100*r.nodeUse, r.calls)
		}
	}
}

// short is a duration as a table has it.
func short(d time.Duration) string {
	if d > 10*time.Second {
		return "grows"
	}
	return d.Round(10 * time.Microsecond).String()
}
