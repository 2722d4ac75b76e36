package memory

import (
	"testing"

	"poligon/internal/sim"
	"poligon/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.RunLog(t, func() sim.Log { return New() })
}
