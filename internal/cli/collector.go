package cli

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// ballast is memory that is never touched, so that the system never provides it, but that counts when the collector decides how
// far the heap may grow: the simulator keeps little and answers often, and collecting that little forty times a second cost a
// quarter of the polls. With much alive it does not matter.
const ballast = 96 << 20

// growth is how far the heap grows, with its ballast, until it is collected, in percent. With a large ballast and little growth a heap of a
// few megabytes grows as far as with a small one and 100 percent, but one that is large for a while does not double.
const growth = 40

// settled is when a server has started, at the latest.
const settled = 2 * time.Second

// Collect sets how the collector of garbage works, unless the environment says it (GOGC). It is so until release is called.
func (p Program) Collect() (release func()) {
	if !slices.ContainsFunc(p.Environ, func(one string) bool { return strings.HasPrefix(one, "GOGC=") }) {
		debug.SetGCPercent(growth)
	}
	weight := make([]byte, ballast)
	time.AfterFunc(settled, debug.FreeOSMemory) // what reading the contracts and the scenarios left behind
	return func() { runtime.KeepAlive(weight) }
}
