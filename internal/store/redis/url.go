package redis

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Prefix is what all keys begin with unless a URL says otherwise.
const Prefix = "poligon"

// How long one thing may take, in real time: a client waits for its answer meanwhile.
const (
	dialTimeout = time.Second
	waitTimeout = 2 * time.Second
	poolTimeout = 3 * time.Second
	together    = 8 * time.Second // commits that are sent together, with all that is tried again
	connections = 64              // to each server
	retries     = 1
	// How old what is known of a cluster may be: go-redis does not ask again because a node is away, and would not find who took over.
	topology = time.Second
)

// options are what a URL says.
type options struct {
	one     *redis.Options
	cluster *redis.ClusterOptions // nil for one server
	prefix  string
}

// Parse reads redis://user:password@host:port/db, rediss:// for TLS, or unix:///path. Of the query, prefix is what all keys begin with; addr,
// once for each further node, or cluster=true make it a cluster; skip_verify=true trusts any certificate; the others are those of go-redis.
func Parse(text string) (o options, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return o, errors.New("it is no URL; write redis://host:6379/0, or rediss:// for TLS") // without the text, which may hold a password
	}
	q := u.Query()
	o.prefix = Prefix
	if p := q.Get("prefix"); p != "" {
		o.prefix = p
	}
	if strings.ContainsAny(o.prefix, "{}") { // which say what a cluster keeps together
		return o, fmt.Errorf("the prefix %q has braces; leave them out", o.prefix)
	}
	cluster := q.Has("addr") || q.Get("cluster") == "true"
	q.Del("prefix")
	q.Del("cluster")
	u.RawQuery = q.Encode()
	if cluster {
		if o.cluster, err = redis.ParseClusterURL(u.String()); err != nil {
			return o, fmt.Errorf("a cluster's URL: %w", err)
		}
		c := o.cluster
		c.DialTimeout, c.ReadTimeout, c.WriteTimeout, c.PoolTimeout = or(c.DialTimeout, dialTimeout), or(c.ReadTimeout, waitTimeout), or(c.WriteTimeout, waitTimeout), or(c.PoolTimeout, poolTimeout)
		c.PoolSize, c.DialerRetries, c.ContextTimeoutEnabled = or(c.PoolSize, connections), 1, true
		c.ClusterStateReloadInterval = topology
		return o, nil
	}
	if o.one, err = redis.ParseURL(u.String()); err != nil {
		return o, err
	}
	c := o.one
	c.DialTimeout, c.ReadTimeout, c.WriteTimeout, c.PoolTimeout = or(c.DialTimeout, dialTimeout), or(c.ReadTimeout, waitTimeout), or(c.WriteTimeout, waitTimeout), or(c.PoolTimeout, poolTimeout)
	c.PoolSize, c.MaxRetries, c.DialerRetries, c.ContextTimeoutEnabled = or(c.PoolSize, connections), or(c.MaxRetries, retries), 1, true
	return o, nil
}

func or[T comparable](v, otherwise T) T {
	var none T
	if v == none {
		return otherwise
	}
	return v
}

// quiet is go-redis's log: what it says, errors say too.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func (o *options) client() redis.UniversalClient {
	redis.SetLogger(quiet{})
	if o.cluster != nil {
		return redis.NewClusterClient(o.cluster)
	}
	return redis.NewClient(o.one)
}
