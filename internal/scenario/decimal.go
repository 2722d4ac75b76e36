package scenario

import "regexp"

var decimals = regexp.MustCompile(`^(0|[1-9]\d{0,8})(\.\d{1,4})?$`)

// Decimal reads a number that is not negative, with at most four decimals, as it stands in the file; "0" after a mistake.
func (n Node) Decimal() string {
	if p := n.probe(); p != nil {
		p.text(decimalForm(), "")
		return "0"
	}
	if !n.IsText() || !decimals.MatchString(n.node.text) {
		n.expected("write it as 1.17", "a number")
		return "0"
	}
	return n.node.text
}
