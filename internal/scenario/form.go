package scenario

// What a reader says about values for the schema that editors read, beside what it asks of them.

// Def reads a value whose form has a name, since it stands in several places or holds values of the same form: a step that holds
// branches that hold steps. Where the schema is made, read within itself reads something simple; and nothing within that.
func (n Node) Def(name string, read func(n Node)) {
	if p := n.probe(); p != nil {
		p.def(name, read)
		return
	}
	read(n)
}

// Is says whether the value is this very text.
func (n Node) Is(text string) bool {
	if p := n.probe(); p != nil {
		return p.equals(text)
	}
	return n.IsText() && n.node.text == text
}

// Distinct says, of a list, that no item comes twice. It notes no mistake.
func (n Node) Distinct() {
	if p := n.probe(); p != nil {
		p.distinct = true
	}
}

// Looks says, of a text, how it is written: a regular expression that every good one matches, and examples. It notes no mistake.
func (n Node) Looks(pattern string, examples ...string) {
	if p := n.probe(); p != nil {
		p.text(looksForm(pattern, examples), "")
	}
}
