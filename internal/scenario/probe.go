package scenario

import (
	"strconv"
	"strings"
)

// The schema that editors read is made of the readers themselves. A probe stands where a value of a file would: it answers what a
// reader asks of it, and keeps what was asked. A reader that tells forms apart asks whether a value is a mapping, or whether a key
// is there; such a question has several answers, and the reader is run again until every answer was given.

// kinds are the kinds of value that a probe may still be.
type kinds int

const (
	mapKind kinds = 1 << iota
	listKind
	textKind
	anyKind = mapKind | listKind | textKind
)

// run is one reading of a story that is not there.
type run struct {
	answers   map[string]string // by question; those given beforehand, and then those that were found on the way
	questions []question        // that nobody answered beforehand, in the order in which they came
	root      *probe
	named     []named  // what was read of forms that have a name
	inside    []string // the names of forms that are being read
	clash     bool     // a value was read as what it is not: no file can be like this
	simple    bool     // nothing is kept, and values are as simple as can be
}

type question struct {
	text   string
	others []string // the answers that were not given
}

type named struct {
	name  string
	probe *probe
}

// ask answers a question as it was answered before, or by the first answer.
func (r *run) ask(text string, answers ...string) string {
	if given, ok := r.answers[text]; ok {
		for _, a := range answers {
			if a == given {
				return a
			}
		}
		return answers[0]
	}
	r.answers[text] = answers[0]
	r.questions = append(r.questions, question{text, answers[1:]})
	return answers[0]
}

// probe is a value that is not there, and what a reader asked of it.
type probe struct {
	run    *run
	path   string
	kinds  kinds
	doc    string
	wrong  bool   // a mistake was noted at it
	ref    string // the name of its form
	texts  []text // what it is as a text: all of it
	items  []*probe
	listed bool // it was read as a list
	empty  bool // of a list or a mapping of the author's names: without any
	fields *fields

	distinct bool // no item comes twice
}

const (
	yes = "yes"
	no  = "no"
	// deepest is how deep values within values are followed. A form that holds itself needs a name.
	deepest = 16
	// manyChoices are so many that no reader reads on differently for each of them.
	manyChoices = 16
)

func (p *probe) node() Node { return Node{node: &node{probe: p}} }

// probe is what stands in the value's place while the schema is made; nil when a file is read.
func (n Node) probe() *probe {
	if n.node == nil {
		return nil
	}
	return n.node.probe
}

// child is a value within the value.
func (p *probe) child(name, doc string, k kinds) *probe {
	return &probe{run: p.run, path: p.path + "/" + name, kinds: k, doc: doc}
}

func (p *probe) isDeep() bool { return strings.Count(p.path, "/") > deepest }

func (p *probe) ask(what string, answers ...string) string {
	return p.run.ask(p.path+" "+what, answers...)
}

// is says whether the value is of a kind.
func (p *probe) is(k kinds) bool {
	switch {
	case p.kinds == k:
		return true
	case p.kinds&k == 0:
		return false
	case p.run.simple && p.kinds&textKind != 0:
		p.kinds = textKind
		return k == textKind
	}
	if p.ask("is of kind "+strconv.Itoa(int(k)), yes, no) == yes {
		p.kinds = k
		return true
	}
	p.kinds &^= k
	return false
}

// as says that the value is read as of a kind, which it is from here on.
func (p *probe) as(k kinds) bool {
	if p.kinds&k == 0 {
		p.run.clash = true
		return false
	}
	p.kinds = k
	return true
}

// equals says whether the value is a text that the reader knows.
func (p *probe) equals(known string) bool {
	if p.kinds&textKind == 0 || p.ask("is "+known, yes, no) == no {
		return false
	}
	p.kinds = textKind
	p.texts = append(p.texts, text{choices: []string{known}})
	return true
}

// isRange says whether the value is a text that is written as a range.
func (p *probe) isRange() bool {
	if p.kinds&textKind == 0 || p.ask("is a range", yes, no) == no {
		return false
	}
	p.kinds = textKind
	p.texts = append(p.texts, trueRangeForm())
	return true
}

// list reads the value as a list of two: a reader may treat the first in its own way.
func (p *probe) list() (items []Node) {
	if !p.as(listKind) {
		return nil
	}
	p.listed = true
	if p.empty = p.isDeep() || p.ask("has items", yes, no) == no; p.empty {
		return nil
	}
	if p.items == nil {
		p.items = []*probe{p.child("item", "", anyKind), p.child("item", "", anyKind)} // alike, so that questions are the same
	}
	for _, item := range p.items {
		items = append(items, item.node())
	}
	return items
}

// text reads the value as a text that keeps a form, and gives one that does.
func (p *probe) text(form text, samples ...string) string {
	if !p.as(textKind) {
		return ""
	}
	p.texts = append(p.texts, form)
	return p.ask("is a text such as", samples...)
}

// plain is what the value is as a text, if it is one.
func (p *probe) plain() string {
	if p.kinds&textKind == 0 {
		return ""
	}
	p.texts = append(p.texts, text{rank: rankPlain, name: "plain", schema: anyText(0)})
	return p.ask("is a text such as", "", "text")
}

// oneOf reads the value as one of several texts.
func (p *probe) oneOf(what string, choices []string) string {
	if !p.as(textKind) || len(choices) == 0 {
		return ""
	}
	p.texts = append(p.texts, text{rank: rankForm, what: what, choices: choices})
	if len(choices) > manyChoices {
		return choices[0]
	}
	return p.ask("is the "+what, choices...)
}

// again has a form that is being read already read something simple, so that the reader has something to go on with.
func (r *run) again(k kinds, read func(n Node)) {
	if !r.simple {
		s := &run{answers: map[string]string{}, inside: r.inside, simple: true}
		read((&probe{run: s, kinds: k}).node())
	}
}

// def reads the value's form, which has a name.
func (p *probe) def(name string, read func(n Node)) {
	p.ref = name
	for _, open := range p.run.inside {
		if open == name {
			p.run.again(p.kinds, read)
			return
		}
	}
	d := &probe{run: p.run, path: "#" + name, kinds: p.kinds}
	p.run.named = append(p.run.named, named{name, d})
	p.run.inside = append(p.run.inside, name)
	read(d.node())
	p.run.inside = p.run.inside[:len(p.run.inside)-1]
	p.kinds = d.kinds
}
