package scenario

// What the keys of a mapping have to do with each other.

// AtMostOne gives the key, of several that exclude each other, that is there: the first in the order given, "" when there is
// none. Another one beside it is a mistake. All of them are known from here on; take the one that is given.
func (m *Map) AtMostOne(keys ...string) (given string) {
	if p := m.node.probe(); p != nil {
		return p.atMostOne(keys)
	}
	m.know(keys...)
	for _, key := range keys {
		switch {
		case !m.Has(key):
		case given == "":
			given = key
		default:
			m.value(key).Mistake("keep one of them", "%s: and %s: are both given", given, key)
		}
	}
	return given
}

// exclude says of keys that a reader told apart by itself what AtMostOne would: to the schema.
func (m *Map) exclude(keys ...string) {
	if p := m.node.probe(); p != nil {
		p.exclude(keys)
	}
}

// NeedOne notes a mistake when none of several keys is there, and says whether one is.
func (m *Map) NeedOne(hint, message string, keys ...string) bool {
	if p := m.node.probe(); p != nil {
		p.rule(needOne, keys...)
		return true
	}
	for _, key := range keys {
		if m.Has(key) {
			return true
		}
	}
	if m.isWhole() {
		m.node.Mistake(hint, "%s", message)
	}
	return false
}

// TakeWith is Take for a key that goes with another one alone.
func (m *Map) TakeWith(other, key, doc string) (value Node, ok bool) {
	if p := m.node.probe(); p != nil {
		p.rule(together, key, other)
		return p.take(key, doc, false)
	}
	value, ok = m.Take(key, doc)
	if ok && !m.Has(other) {
		value.Mistake("add "+other+":, or remove it", "%s: goes with %s: alone", key, other)
	}
	return value, ok
}

// value is the value of a key that is there.
func (m *Map) value(key string) Node {
	for _, e := range m.entries {
		if e.Key.node.text == key {
			return e.Value
		}
	}
	return Node{}
}
