package redistest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Cluster is three masters that share the slots.
type Cluster struct {
	Nodes []*Server
}

const nodes, slots = 3, 16384

// StartCluster starts a cluster.
func StartCluster(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{}
	for i := range nodes {
		n := startNode(t)
		n.Do("CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1)
		n.Do("CLUSTER", "SET-CONFIG-EPOCH", i+1)
		c.Nodes = append(c.Nodes, n)
	}
	for _, n := range c.Nodes[1:] {
		c.meet(n)
	}
	c.whole(c.Nodes...)
	return c
}

// startNode starts a node. Its bus has a port of its own, which would be the port + 10000 otherwise and may be taken.
func startNode(t testing.TB) *Server {
	t.Helper()
	return Start(t, Options{More: []string{"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-node-timeout", "2000"}})
}

// meet makes a node known to the others.
func (c *Cluster) meet(n *Server) {
	bus := n.o.More[3]
	c.Nodes[0].Do("CLUSTER", "MEET", "127.0.0.1", n.port, bus)
}

// whole waits until each of some nodes sees all of them.
func (c *Cluster) whole(all ...*Server) {
	for _, n := range all {
		n.until("CLUSTER INFO", "cluster_state:ok", fmt.Sprintf("cluster_known_nodes:%d\r", len(all)), fmt.Sprintf("cluster_size:%d\r", nodes))
	}
}

// until waits until the answer to a command has some texts.
func (s *Server) until(command string, texts ...string) {
	s.t.Helper()
	words := strings.Fields(command)
	args := make([]any, len(words))
	for i, w := range words {
		args[i] = w
	}
	for begun := time.Now(); ; <-time.After(pause) {
		answer := fmt.Sprint(s.Do(args...))
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(answer, text) }) {
			return
		}
		if time.Since(begun) > patience {
			s.t.Fatalf("%s does not come to %q: %s", command, texts, answer)
		}
	}
}

// Replicate adds a node that has all that the i-th master has, and waits until it has it.
func (c *Cluster) Replicate(i int) *Server {
	n := startNode(c.Nodes[i].t)
	c.meet(n)
	c.whole(append(slices.Clone(c.Nodes), n)...)
	n.Do("CLUSTER", "REPLICATE", c.Nodes[i].Do("CLUSTER", "MYID"))
	n.until("INFO replication", "role:slave", "master_link_status:up")
	return n
}

// TakeOver makes a replica the master, without the consent of the others.
func (s *Server) TakeOver() {
	s.t.Helper()
	s.Do("CLUSTER", "FAILOVER", "TAKEOVER")
	s.until("INFO replication", "role:master")
	s.until("CLUSTER INFO", "cluster_state:ok")
}

// URL names all nodes.
func (c *Cluster) URL() string {
	return fmt.Sprintf("redis://%s?addr=%s&addr=%s", c.Nodes[0].Address(), c.Nodes[1].Address(), c.Nodes[2].Address())
}
