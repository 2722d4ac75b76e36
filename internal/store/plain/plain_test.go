package plain_test

import (
	"testing"

	"poligon/internal/store"
	"poligon/internal/store/plain"
	"poligon/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) store.Store { return &plain.Store{} })
}
