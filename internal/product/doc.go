// Package product holds tests of the whole product at its HTTP edge: what a client of the partner APIs and of the admin API
// sees. Every answer that a test gets is held against the contract of the API it came from, whatever else the test asks.
//
// Nothing here waits: sessions are frozen and moved on, or run on a real clock that the test sets.
package product
