// Package simulator puts everything together: contracts, partner APIs, scenarios, sessions and the server over them.
package simulator

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"

	"poligon/internal/bordereau"
	"poligon/internal/delivery"
	"poligon/internal/fault"
	"poligon/internal/journal"
	"poligon/internal/osago"
	"poligon/internal/partner"
	"poligon/internal/scenario"
	"poligon/internal/server"
	"poligon/internal/session"
	"poligon/internal/store"
	"poligon/openapi"
	"poligon/scenarios"
)

// Config is how a simulator differs from another. Its zero value but for Access and Now is what `poligon serve` starts without
// flags, with a frozen clock.
type Config struct {
	Access           bordereau.Access  // who may import
	OSAGOAccess      osago.Access      // who may call the operations of osago
	ConfirmToken     string            // the access token that reports of sales carry; empty for none
	ConfirmTargets   []delivery.Target // what is told of sales; none for nobody
	ConfirmCallToken string            // the access token that is sent to them; empty for none
	ConfirmTimeout   time.Duration     // of one call; 0 for delivery.Timeout
	TellSales        bool              // whether sales are told of at all: a replay has no targets
	UnknownNotFound  bool              // whether a look at an unknown request_id is a 404 whatever the scenario says
	Scenarios        []scenario.Source // beside the embedded ones, which they may replace
	Defaults         session.Config    // of sessions that choose nothing
	MaxSessions      int               // 0 for session.MaxSessions
	MaxBody          int64             // bytes of a request's body; 0 for MaxBody
	Headers          server.Headers    // empty for all of them
	Guard            server.Guard      // of the admin API; the zero value lets everybody
	Store            store.Store       // what keeps the sessions; nil for the memory of this process
	Limits           server.Limits     // of connections; what is 0 is as usual
	TLS              *tls.Config       // nil for none
	ShowPersonal     bool              // whether the journal shows personal data
	Version          string
	Now              func() time.Time // real
	// Wait waits for a real duration or until the context ends; nil waits with a timer.
	Wait func(context.Context, time.Duration) error
	// Recorded is what was found out about the sign or the credentials of the next request; nil unless this is a replay.
	Recorded func() *journal.Access
}

// MaxBody is the most bytes of a request's body unless somebody says otherwise.
const MaxBody = 32 << 20

// Simulator is a server with what is behind it.
type Simulator struct {
	Server   *server.Server
	Registry *session.Registry
	Library  *scenario.Library
	APIs     []partner.API
}

// APIs are the partner APIs that Poligon simulates. A third one is an entry here.
func APIs(access bordereau.Access, unknownNotFound bool) ([]partner.API, error) {
	return Config{Access: access, UnknownNotFound: unknownNotFound}.Partners()
}

// Partners are the partner APIs as the configuration wants them.
func (c Config) Partners() ([]partner.API, error) {
	o, err := osago.New(openapi.OSAGO, c.UnknownNotFound)
	if err != nil {
		return nil, err
	}
	o.RequireToken(c.ConfirmToken)
	if c.tells() {
		o.TellSales()
	}
	o.RequireAccess(c.OSAGOAccess)
	b, err := bordereau.New(openapi.Bordereau, c.Access)
	if err != nil {
		return nil, err
	}
	return []partner.API{o, b}, nil
}

// Hashes are the SHA-256 of the partner APIs' contracts.
func Hashes() map[string]string {
	list := map[string]string{}
	for name, text := range map[string][]byte{osago.Name: openapi.OSAGOText, bordereau.Name: openapi.BordereauText} {
		sum := sha256.Sum256(text)
		list[name] = hex.EncodeToString(sum[:])
	}
	return list
}

// Parts are what a scenario file may have: a section for each API, and faults.
func Parts(apis []partner.API) (list []scenario.Part) {
	var operations []string
	for _, api := range apis {
		list = append(list, api.Part())
		for _, id := range api.Operations() {
			operations = append(operations, id)
		}
	}
	return append(list, fault.Part(operations))
}

// Load reads the embedded scenarios and those of further sources.
func Load(apis []partner.API, more ...scenario.Source) (*scenario.Library, error) {
	return scenario.Load(Parts(apis), append([]scenario.Source{{Name: "embedded", Files: scenarios.Files}}, more...)...)
}

// New returns a simulator that is ready to serve.
func New(c Config) (*Simulator, error) {
	apis, err := c.Partners()
	if err != nil {
		return nil, err
	}
	lib, err := Load(apis, c.Scenarios...)
	if err != nil {
		return nil, err
	}
	return Over(c, apis, lib)
}

// Over returns a simulator over partner APIs and scenarios that are loaded already; those of the configuration are not read.
func Over(c Config, apis []partner.API, lib *scenario.Library) (*Simulator, error) {
	if c.MaxBody == 0 {
		c.MaxBody = MaxBody
	}
	if c.Headers == "" {
		c.Headers = server.HeadersOn
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	registry := session.NewRegistry(lib, apis, c.Defaults, c.Now)
	if c.MaxSessions > 0 {
		registry.Max = c.MaxSessions
	}
	if c.Store != nil {
		if err := registry.Over(c.Store, uuid.NewString()); err != nil {
			return nil, err
		}
		lib = registry.Library()
	}
	var sender *delivery.Sender
	if len(c.ConfirmTargets) > 0 {
		sender = delivery.New(delivery.Config{Targets: c.ConfirmTargets, Token: c.ConfirmCallToken, Silent: c.Headers == server.HeadersOff, Timeout: c.ConfirmTimeout, Wait: c.Wait})
		registry.Owing = sender.Wake
	}
	srv, err := server.New(server.Config{APIs: apis, Registry: registry, Admin: openapi.Admin, Version: c.Version, MaxBody: c.MaxBody,
		Headers: c.Headers, Guard: c.Guard, Limits: c.Limits, TLS: c.TLS, Mask: c.mask(), Hashes: Hashes(), Flags: c.flags(), Wait: c.Wait, Recorded: c.Recorded, Delivery: sender})
	if err != nil {
		return nil, err
	}
	return &Simulator{Server: srv, Registry: registry, Library: lib, APIs: apis}, nil
}

// tells says whether the simulated partners tell of their sales.
func (c Config) tells() bool { return c.TellSales || len(c.ConfirmTargets) > 0 }

func (c Config) mask() journal.Mask {
	if c.ShowPersonal {
		return journal.Open
	}
	return journal.Masked
}

// Flags that answers depend on, as a bundle keeps them.
const (
	flagUnknownIDs = "unknown-ids"
	flagSignature  = "signature"
	flagMaxBody    = "max-body"
	flagHeaders    = "headers"
	flagTells      = "tell-sales" // whether there is a --confirm-url
	flagAuth       = "osago-auth"
	flagTokenTTL   = "osago-token-ttl"
)

func (c Config) flags() map[string]string {
	unknown := "start"
	if c.UnknownNotFound {
		unknown = "not_found"
	}
	list := map[string]string{flagUnknownIDs: unknown, flagSignature: string(c.Access.Signatures),
		flagMaxBody: strconv.FormatInt(c.MaxBody, 10), flagHeaders: string(c.Headers)}
	if c.OSAGOAccess.Auth == osago.AuthOAuth2 { // else an answer depends on what was found out alone
		list[flagAuth], list[flagTokenTTL] = string(osago.AuthOAuth2), c.OSAGOAccess.TTL.String()
	}
	if c.tells() {
		list[flagTells] = "yes"
	}
	return list
}

// wait waits for a real duration, or until the context ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
