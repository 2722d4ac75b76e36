// Package bench measures the product at its edge, beside a bare net/http handler that writes the same bytes, in one run. Its
// figures are in docs/performance.md.
package bench
