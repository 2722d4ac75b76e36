package verify

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is where an exchange is not what was expected. Expected and Actual are never the same; where they only look it,
// Note says what tells them apart.
type Difference struct {
	Where    string `json:"where"` // request.risks[0].lastName, header.Sign, status
	Expected string `json:"expected"`
	Actual   string `json:"actual"`
	Note     string `json:"note,omitempty"`
}

const (
	mostShown       = 5     // values in a line
	mostDifferences = 20    // of an exchange
	mostTries       = 50    // items that an expected item is compared with
	mostSteps       = 20000 // values compared for one exchange
	mask            = "***"
)

// differ gathers the differences of one exchange.
type differ struct {
	personal func(name string) bool // nil for none
	steps    *int                   // left
	list     []Difference
	count    int // of all differences, in the list or not
}

func newDiffer(personal func(string) bool) *differ {
	steps := mostSteps
	return &differ{personal: personal, steps: &steps}
}

func (d *differ) isPersonal(name string) bool { return d.personal != nil && d.personal(name) }

func (d *differ) add(one Difference) {
	if d.count++; d.count <= mostDifferences {
		d.list = append(d.list, one)
	}
}

func hide(text string, masked bool) string {
	if masked {
		return mask
	}
	return text
}

// show is an actual value in a line. What an object or an array holds is not shown: it may be long, and personal.
func (d *differ) show(v value, masked bool) string {
	switch v.kind {
	case 0:
		return "what the journal did not keep"
	case '"':
		return hide(quoted(v.text, 0), masked)
	case '0':
		return hide(short(v.text), masked)
	case '[':
		return fmt.Sprintf("an array of %s", plural(len(v.items), "item"))
	case '{':
		return fmt.Sprintf("an object of %s", plural(len(v.members), "member"))
	}
	return hide(v.String(), masked)
}

// values adds what keeps want from being a subset of got.
func (d *differ) values(where string, want, got value, masked bool) {
	if *d.steps--; *d.steps < 0 || got.kind == 0 {
		return
	}
	switch {
	case want.kind == '[' && got.kind == '[':
		d.items(where, want, got, masked)
	case want.kind == '{' && got.kind == '{':
		d.members(where, want, got, masked)
	case subset(want, got) != no:
	case want.kind == got.kind && (want.kind == '"' || len(want.text) > mostLetters):
		d.texts(where, want.text, got.text, masked)
	default:
		one := Difference{Where: where, Expected: short(want.String()), Actual: d.show(got, masked)}
		if kind := kindOf(got.kind); kind != kindOf(want.kind) {
			one.Note = "expected " + kindOf(want.kind) + ", not " + kind
		}
		d.add(one)
	}
}

func (d *differ) members(where string, want, got value, masked bool) {
	names := make([]string, 0, len(want.members))
	for name := range want.members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := memberPath(where, name)
		if actual, has := got.members[name]; has {
			d.values(at, want.members[name], actual, masked || d.isPersonal(name))
		} else if !got.open {
			one := Difference{Where: at, Expected: short(want.members[name].String()), Actual: "nothing"}
			for other := range got.members {
				if strings.EqualFold(other, name) || skeleton(other) == skeleton(name) {
					one.Note = fmt.Sprintf("there is a member %q; %s", other, tellApart(name, other))
				}
			}
			d.add(one)
		}
	}
}

// items compares each wanted item that has no match with the item that differs least.
func (d *differ) items(where string, want, got value, masked bool) {
	next := 0
	for _, item := range want.items {
		if match := slices.IndexFunc(got.items[next:], func(v value) bool { return subset(item, v) == yes }); match >= 0 {
			next += match + 1
			continue
		}
		var best *differ
		at := next
		for j := next; j < min(len(got.items), next+mostTries); j++ {
			try := &differ{personal: d.personal, steps: d.steps}
			if try.values(itemPath(where, j), item, got.items[j], masked); best == nil || try.count < best.count {
				best, at = try, j
			}
		}
		switch {
		case best != nil:
			next = at + 1
			for _, one := range best.list {
				d.add(one)
			}
			d.count += best.count - len(best.list)
		case !got.open:
			d.add(Difference{Where: where, Expected: "one more item, " + short(item.String()),
				Actual: "no more than " + plural(len(got.items), "item")})
		}
		if *d.steps < 0 {
			return
		}
	}
}

// texts adds that two texts differ.
func (d *differ) texts(where, want, got string, masked bool) {
	if want == got {
		return
	}
	at := commonLetters(want, got)
	one := Difference{Where: where, Expected: quoted(want, at), Actual: hide(quoted(got, at), masked)}
	if !masked {
		one.Note = tellApart(want, got)
	}
	d.add(one)
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
