package scenario

import "encoding/json"

// JSON is what an editor sees of a file that it holds to the schema. It is an error when the file is no document of a story, as one
// with an anchor, or has a key twice.
func JSON(name string, text []byte) ([]byte, error) {
	f, root, ok := parse(name, text)
	var value any
	if ok {
		value = f.value(root.node)
	}
	if err := f.found().err(); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func (f *file) value(n *node) any {
	switch {
	case Node{f, n}.isNull():
		return nil
	case n.kind == scalar && n.plain:
		return plainValue(n.text)
	case n.kind == scalar:
		return n.text
	case n.kind == sequence:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = f.value(item)
		}
		return list
	}
	entries := map[string]any{}
	for _, e := range (Node{f, n}).Map().entries { // notes keys that come twice
		entries[e.Key.node.text] = f.value(e.Value.node)
	}
	return entries
}
