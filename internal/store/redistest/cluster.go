package redistest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Cluster is three masters that share the slots.
type Cluster struct {
	Nodes    []*Server
	Replicas []*Server // of the nodes, in their order; see AddReplicas
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
		c.Nodes[0].meet(n)
	}
	for _, n := range c.Nodes {
		n.whole(nodes)
	}
	return c
}

// startNode starts a node that knows no other. Its bus has a port of its own, which would be the port + 10000 otherwise and may be taken.
func startNode(t testing.TB) *Server {
	t.Helper()
	return Start(t, Options{More: []string{"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(freePort(t)), "--cluster-node-timeout", "2000"}})
}

func (s *Server) meet(other *Server) {
	s.t.Helper()
	s.Do("CLUSTER", "MEET", "127.0.0.1", other.port, other.o.More[3])
}

// AddReplicas gives each node a replica, which takes over when the node fails, and waits until they have what the nodes have.
func (c *Cluster) AddReplicas() {
	for range c.Nodes {
		n := startNode(c.Nodes[0].t)
		c.Nodes[0].meet(n)
		c.Replicas = append(c.Replicas, n)
	}
	for _, n := range append(append([]*Server{}, c.Nodes...), c.Replicas...) {
		n.whole(2 * nodes)
	}
	for i, n := range c.Replicas {
		n.Do("CLUSTER", "REPLICATE", c.Nodes[i].Do("CLUSTER", "MYID"))
	}
	for _, n := range c.Replicas {
		n.until("a replica does not follow", "master_link_status:up", "INFO", "replication")
	}
}

// whole waits until a node sees all of the cluster.
func (s *Server) whole(known int) {
	s.t.Helper()
	for _, text := range []string{"cluster_state:ok", fmt.Sprintf("cluster_known_nodes:%d\r", known), fmt.Sprintf("cluster_size:%d\r", nodes)} {
		s.until("the cluster does not come together", text, "CLUSTER", "INFO")
	}
}

// until waits until the answer to a command has a text.
func (s *Server) until(otherwise, text string, command ...any) {
	s.t.Helper()
	for begun := time.Now(); ; {
		answer := fmt.Sprint(s.Do(command...))
		if strings.Contains(answer, text) {
			return
		}
		if time.Since(begun) > patience {
			s.t.Fatalf("%s: %s", otherwise, answer)
		}
		<-time.After(pause)
	}
}

// URL names all nodes.
func (c *Cluster) URL() string {
	return fmt.Sprintf("redis://%s?addr=%s&addr=%s", c.Nodes[0].Address(), c.Nodes[1].Address(), c.Nodes[2].Address())
}
