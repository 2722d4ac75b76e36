package cli

// Why a schema cannot refuse a sample.
const (
	amongOthers = "what is wrong shows only beside another value"
	order       = "lengths of time cannot be compared"
	place       = "what may stand first in a list is not told apart from what stands behind it"
	inCase      = "names that are not allowed, in whatever case, need an expression that JSON Schema does not promise"
)

// beyondSchema are samples that a schema cannot refuse, and why.
var beyondSchema = map[string]string{
	"osago: one code for two insurers":                              amongOthers,
	"osago: first step waits":                                       order,
	"osago: first step at a later time":                             order,
	"osago: at before the step above":                               order,
	"osago: time without end":                                       order,
	"osago: a repetition first":                                     place,
	"osago: branches first":                                         place,
	"osago: too many repetitions":                                   amongOthers,
	"bordereau: a code twice":                                       amongOthers,
	`fault: {on: "*", first: 2, after: 2, status: 503}`:             amongOthers,
	`fault: {on: "*", first: 2, every: 3, status: 503}`:             amongOthers,
	`fault: {on: "*", first: 11, every: 5, after: 10, status: 503}`: amongOthers,
	`fault: {on: "*", status: 503, headers: {Content-Length: 2}}`:   inCase,
	`fault: {on: "*", status: 503, headers: {x-poligon-number: 2}}`: inCase,
	`fault: {on: "*", status: 503, headers: {a: b, A: c}}`:          inCase,
	`fault: {on: "*", status: 204, body: x}`:                        amongOthers,
	`fault: {on: "*", delay: 0s}`:                                   order,
	`fault: {on: "*", delay: 2h}`:                                   order,
	`fault: {on: "*", delay: 5s..2s}`:                               order,
	`fault: {on: "*", delay: 0..0}`:                                 order,
	`fault: {on: "*", delay: 2s..2h}`:                               order,
	`fault: {on: "*", delay: {median: 2s, p99: 1s}}`:                order,
}
