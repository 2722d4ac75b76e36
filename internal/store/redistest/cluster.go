package redistest

import (
	"fmt"
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
		// A node's bus has a port of its own, which would be the port + 10000 otherwise and may be taken.
		n := Start(t, Options{More: []string{"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(freePort(t)), "--cluster-node-timeout", "2000"}})
		n.Do("CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1)
		n.Do("CLUSTER", "SET-CONFIG-EPOCH", i+1)
		c.Nodes = append(c.Nodes, n)
	}
	for _, n := range c.Nodes[1:] {
		bus := n.o.More[3]
		c.Nodes[0].Do("CLUSTER", "MEET", "127.0.0.1", n.port, bus)
	}
	for _, n := range c.Nodes {
		n.whole()
	}
	return c
}

// whole waits until a node sees all of the cluster.
func (s *Server) whole() {
	s.t.Helper()
	for begun := time.Now(); ; {
		info := fmt.Sprint(s.Do("CLUSTER", "INFO"))
		if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", nodes)) && strings.Contains(info, fmt.Sprintf("cluster_size:%d\r", nodes)) {
			return
		}
		if time.Since(begun) > patience {
			s.t.Fatalf("the cluster does not come together: %s", info)
		}
		<-time.After(pause)
	}
}

// URL names all nodes.
func (c *Cluster) URL() string {
	return fmt.Sprintf("redis://%s?addr=%s&addr=%s", c.Nodes[0].Address(), c.Nodes[1].Address(), c.Nodes[2].Address())
}
