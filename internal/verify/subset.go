package verify

// ruling is whether something holds.
type ruling int8

const (
	no ruling = iota
	unknown
	yes
)

func rule(holds bool) ruling {
	if holds {
		return yes
	}
	return no
}

// subset says whether want is a subset of got: of an object, every member that is wanted is there and holds the subset; of an
// array, every item that is wanted has an item of its own, in the same order, with others between them or not. Texts are equal
// letter by letter, numbers by value. It takes time linear in the size of got.
func subset(want, got value) ruling {
	switch {
	case got.kind == 0:
		return unknown
	case want.kind != got.kind:
		return no
	case want.kind == '"':
		return rule(want.text == got.text)
	case want.kind == '0':
		return rule(sameNumber(want.text, got.text))
	case want.kind == '[':
		return subsetOfItems(want, got)
	case want.kind == '{':
		return subsetOfMembers(want, got)
	}
	return yes
}

func subsetOfMembers(want, got value) ruling {
	all := yes
	for name, member := range want.members {
		one := rule(false)
		if actual, has := got.members[name]; has {
			one = subset(member, actual)
		} else if got.open {
			one = unknown
		}
		if all = min(all, one); all == no {
			return no
		}
	}
	return all
}

// subsetOfItems takes the first item that matches, which is never worse than a later one.
func subsetOfItems(want, got value) ruling {
	found := 0
	for _, item := range got.items {
		if found == len(want.items) {
			break
		}
		if subset(want.items[found], item) == yes {
			found++
		}
	}
	switch {
	case found == len(want.items):
		return yes
	case got.open || got.partial:
		return unknown
	}
	return no
}
