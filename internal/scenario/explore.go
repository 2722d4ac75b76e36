package scenario

import "maps"

// explored is what all runs of a reader found.
type explored struct {
	root form
	defs []namedForm
}

type namedForm struct {
	name string
	form *form
}

// explorer runs a reader again and again, until every question that it asks was given every answer, though not in every
// combination with answers to others.
type explorer struct {
	found explored
	next  []map[string]string
	seen  map[[2]string]bool // questions with answers that were given or are about to be
}

// explore finds the form of what a reader reads. The same reader gives the same.
func explore(read func(n Node)) *explored {
	e := &explorer{seen: map[[2]string]bool{}, next: []map[string]string{{}}}
	for len(e.next) > 0 {
		r := &run{answers: e.next[0]}
		e.next = e.next[1:]
		r.root = &probe{run: r, kinds: anyKind}
		read(r.root.node())
		e.follow(r)
		if !r.clash {
			e.found.root.add(r.root)
			for _, d := range r.named {
				e.found.def(d.name).add(d.probe)
			}
		}
	}
	return &e.found
}

// follow plans runs that answer the new questions of this one differently.
func (e *explorer) follow(r *run) {
	for _, q := range r.questions {
		for _, answer := range q.others {
			e.plan([2]string{q.text, answer}, r.answers, map[string]string{q.text: answer})
		}
	}
	if r.clash {
		return
	}
	e.followKeys(r, r.root)
	for _, d := range r.named {
		e.followKeys(r, d.probe)
	}
}

// plan plans a run that answers as another one but for a few answers, unless such a run was planned before.
func (e *explorer) plan(what [2]string, answers, but map[string]string) {
	if e.seen[what] {
		return
	}
	e.seen[what] = true
	answers = maps.Clone(answers)
	maps.Copy(answers, but)
	e.next = append(e.next, answers)
}

// followKeys plans, for every key of a mapping that may be absent, a run in which it alone is there, and one with none of them.
func (e *explorer) followKeys(r *run, p *probe) {
	for _, item := range p.items {
		e.followKeys(r, item)
	}
	if p.fields == nil {
		return
	}
	if p.fields.value != nil {
		e.followKeys(r, p.fields.value)
	}
	none := map[string]string{}
	for _, f := range p.fields.list {
		if f.optional && !f.needed {
			none[p.thereIs(f.key)] = no
		}
	}
	// Another variant may read on differently: every key is looked at in each of them.
	variant := p.path + "\n" + variantName(p.fields.known())
	e.plan([2]string{variant, "none"}, r.answers, none)
	for _, f := range p.fields.list {
		if f.optional && !f.needed {
			other := map[string]string{p.thereIs(f.key): yes}
			if f.value != nil {
				other[p.thereIs(f.key)] = no
			}
			e.plan([2]string{variant, f.key}, r.answers, other)
			alone := maps.Clone(none)
			alone[p.thereIs(f.key)] = yes
			e.plan([2]string{p.thereIs(f.key), "alone"}, r.answers, alone)
		}
		if f.value != nil {
			e.followKeys(r, f.value)
		}
	}
}

// def is the form of a name.
func (e *explored) def(name string) *form {
	for _, d := range e.defs {
		if d.name == name {
			return d.form
		}
	}
	f := &form{}
	e.defs = append(e.defs, namedForm{name, f})
	return f
}
