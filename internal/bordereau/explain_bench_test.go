package bordereau

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

// BenchmarkExplain is the worst that a wrong sign costs: none of the guesses fits, and all are made until the work is done.
func BenchmarkExplain(b *testing.B) {
	for _, size := range []int{500, 50_000, 200_000, 1 << 20, 32 << 20} {
		for _, partners := range []int{1, 20} {
			b.Run(fmt.Sprintf("%d bytes, %d partners", size, partners), func(b *testing.B) {
				a, body := worstAccess(partners), worstBody(size)
				for b.Loop() {
					a.Explain("0", digest("anything"), body, manyBodies(body))
				}
			})
		}
	}
}

func worstAccess(partners int) Access {
	a := Access{Passwords: map[string]string{}}
	for i := range partners {
		a.Passwords[fmt.Sprint(i)] = fmt.Sprintf("password %d", i)
	}
	return a
}

// worstBody is a body of about a size, rich in what is rewritten.
func worstBody(size int) []byte {
	const risk = `{"lastName":"Пассажиров","firstName":"Пассажир","note":"a/b <c>","insuranceSum":12000},`
	return []byte(`{"risks":[` + strings.TrimSuffix(strings.Repeat(risk, max(1, size/len(risk))), ",") + `]}`)
}

func manyBodies(body []byte) iter.Seq[[]byte] {
	return slices.Values(slices.Repeat([][]byte{append([]byte(" "), body...)}, 1000))
}
