package scenario

import "slices"

// mapForm is what a mapping can be.
type mapForm struct {
	keys     []*keyForm
	variants []*variant
	open     bool
	named    bool // the author gives keys
	key      form
	value    form
	size     size
}

type keyForm struct {
	key  string
	form form
}

// variant is a mapping of which a reader knows certain keys. Where a key makes it read on differently, there are several.
type variant struct {
	name    string // the keys
	known   []string
	seen    int // in how many runs
	done    int
	present map[string]int
	needed  map[string]int
	rules   map[keyRule]int
	order   []keyRule
}

// maxVariants are so many that a person would not find the right one.
const maxVariants = 8

// known are the keys that a reader knows, in the order in which it asked for them.
func (f *fields) known() (list []string) {
	for _, field := range f.list {
		if field.known {
			list = append(list, field.key)
		}
	}
	return list
}

// variantName is the same for the same keys in any order.
func variantName(known []string) string { return joinKeys(slices.Sorted(slices.Values(known))) }

func (m *mapForm) add(p *probe) {
	m.open = m.open || p.fields.open
	m.variant(p.fields.known()).add(p.fields)
	for _, field := range p.fields.list {
		if !field.known {
			continue
		}
		k := m.keyForm(field.key)
		if k.form.doc == "" {
			k.form.doc = field.doc
		}
		if field.value != nil {
			k.form.add(field.value)
		}
	}
	if p.fields.key != nil || p.empty {
		m.named = true
		m.size.add(p)
	}
	if p.fields.key != nil {
		m.key.add(p.fields.key)
		m.value.add(p.fields.value)
	}
}

func (m *mapForm) variant(known []string) *variant {
	name := variantName(known)
	for _, v := range m.variants {
		if v.name == name {
			return v
		}
	}
	v := &variant{name: name, known: known, present: map[string]int{}, needed: map[string]int{}, rules: map[keyRule]int{}}
	m.variants = append(m.variants, v)
	return v
}

func (v *variant) add(f *fields) {
	v.seen++
	if f.done {
		v.done++
	}
	for _, field := range f.list {
		if field.value != nil {
			v.present[field.key]++
		}
		if field.needed && f.done {
			v.needed[field.key]++
		}
	}
	for _, r := range f.rules {
		if v.rules[r] == 0 {
			v.order = append(v.order, r)
		}
		v.rules[r]++
	}
}

func (m *mapForm) keyForm(key string) *keyForm {
	for _, k := range m.keys {
		if k.key == key {
			return k
		}
	}
	k := &keyForm{key: key}
	m.keys = append(m.keys, k)
	return k
}

// few are the variants, or one that stands for very many.
func (m *mapForm) few() []*variant {
	if len(m.variants) <= maxVariants {
		return m.variants
	}
	one := &variant{present: map[string]int{}, needed: map[string]int{}, rules: map[keyRule]int{}}
	for _, k := range m.keys {
		one.known = append(one.known, k.key)
	}
	for _, v := range m.variants {
		one.seen, one.done = one.seen+v.seen, one.done+v.done
		for key, n := range v.needed {
			one.needed[key] += n
		}
	}
	return []*variant{one}
}
