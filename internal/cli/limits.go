package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"poligon/internal/server"
)

// limitFlags keep clients from holding the server for ever.
type limitFlags struct{ server.Limits }

func (f *limitFlags) flags(flags *pflag.FlagSet) {
	usual := server.Usual()
	flags.DurationVar(&f.Header, "header-timeout", usual.Header, "longest that a request's header may take to arrive, and a TLS handshake")
	flags.DurationVar(&f.Read, "read-timeout", usual.Read, "longest that a whole request may take to arrive")
	flags.DurationVar(&f.Write, "write-timeout", usual.Write, "longest from a request's header to the end of its answer, but for what faults take")
	flags.DurationVar(&f.Idle, "idle-timeout", usual.Idle, "longest that a connection is kept open between requests")
	flags.IntVar(&f.HeaderBytes, "max-header-bytes", usual.HeaderBytes, "most bytes of a request's header")
	flags.IntVar(&f.Connections, "max-connections", usual.Connections, "most connections at a time; more wait until one ends")
	flags.DurationVar(&f.Drain, "drain", usual.Drain, "time that running requests have to finish when the server is told to stop")
}

// Bounds of what makes sense.
const (
	longestLimit    = 24 * time.Hour
	leastHeader     = 8 << 10 // what an ordinary browser sends fits
	mostHeader      = 16 << 20
	mostConnections = 1 << 20
)

// check says which limit makes no sense.
func (f *limitFlags) check() error {
	for _, limit := range []struct {
		flag  string
		value time.Duration
		like  string
	}{{"header-timeout", f.Header, "10s"}, {"read-timeout", f.Read, "2m"}, {"write-timeout", f.Write, "2m"}, {"idle-timeout", f.Idle, "2m"}, {"drain", f.Drain, "10s"}} {
		if limit.value <= 0 || limit.value > longestLimit {
			return usage{fmt.Errorf("--%s %s is no limit", limit.flag, limit.value), "give more than 0 and at most 24h, such as " + limit.like}
		}
	}
	switch {
	case f.Header > f.Read:
		return usage{fmt.Errorf("--header-timeout %s is longer than --read-timeout %s, which is for the whole request", f.Header, f.Read), "give a shorter one"}
	case f.HeaderBytes < leastHeader || f.HeaderBytes > mostHeader:
		return usage{fmt.Errorf("--max-header-bytes %d is no limit", f.HeaderBytes), "give a number of bytes from 8192 to 16777216, such as 65536"}
	case f.Connections < 1:
		return usage{errors.New("--max-connections below 1 would let nobody in"), "give a number such as 20000"}
	case f.Connections > mostConnections:
		return usage{fmt.Errorf("--max-connections %d is more than a machine has", f.Connections), "give at most 1048576"}
	}
	return nil
}
