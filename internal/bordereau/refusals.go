package bordereau

import (
	"fmt"
	"strings"
)

// refusals gather, for the person behind the client, why risks of a request were refused: the first few in words, the others in
// number.
type refusals struct {
	words []string
	count int
}

const refusalsInWords = 5

func (r *refusals) add(position int, flaws []flaw) {
	if r.count++; r.count > refusalsInWords {
		return
	}
	whys := make([]string, len(flaws))
	for i, f := range flaws {
		whys[i] = f.why
	}
	r.words = append(r.words, fmt.Sprintf("risk %d: %s", position, strings.Join(whys, ", ")))
}

func (r *refusals) String() string {
	text := strings.Join(r.words, "; ")
	if more := r.count - len(r.words); more > 0 {
		text += fmt.Sprintf("; and %d more are refused", more)
	}
	return text
}

// join puts two sentences together, either of which may be empty.
func join(a, b string) string {
	if a != "" && b != "" {
		return a + "; " + b
	}
	return a + b
}
