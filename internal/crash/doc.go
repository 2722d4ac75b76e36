// Package crash holds tests of what becomes of a server's sessions when something fails below it: the process is killed under load, its
// Redis is away, full or another one, its disk is full, its clock jumps. They start the real binary, a real redis-server, and ask over HTTP.
package crash
