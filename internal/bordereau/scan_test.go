package bordereau

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// bodies are such as clients send, and others that are read otherwise.
var bodies = []string{
	`{"risks":[]}`, `{"risks":[{}]}`, " { \"risks\" :\n[ { } ,\t{} ] }\r\n", `{"risks":[{"firstName":"Пассажиров","insuranceSum":12000,"override":true}]}`,
	`{"risks":[{"firstName":"\u041f\u0430 \"\\\/\b\f\n\r\t","insuranceSum":-0.5e+3,"unknown":{"a":[1,{"b":null},[]],"c":{}},"firstName":null,"lastName":"x"}]}`,
	`{"risks":[{"firstName":"\ud83d\ude00"}]}`, `{"risks":[{"firstName":"\ud83d"}]}`, `{"risks":[{"first\u004eame":"x"}]}`, `{"\u0072isks":[{}]}`,
	`{"risks":[null]}`, `{"risks":[1,{}]}`, `{"risks":[{}],"risks":[{"override":false}]}`, `{"other":1,"risks":[{}]}`, `{"risks":[{}],"other":1}`, `{"risks":{}}`, `[]`,
	`{"risks":[{"insuranceSum":01}]}`, `{"risks":[{"insuranceSum":1.}]}`, `{"risks":[{"insuranceSum":1e}]}`, `{"risks":[{"insuranceSum":-}]}`, `{"risks":[{"insuranceSum":.5}]}`,
	`{"risks":[{"insuranceSum":1E5},]}`, `{"risks":[{"insuranceSum":1,}]}`, `{"risks":[{"insuranceSum" 1}]}`, `{"risks":[{"insuranceSum":tru}]}`, `{"risks":[{}]} x`, `{"risks":[{}]`,
	"{\"risks\":[{\"firstName\":\"a\nb\"}]}", "{\"risks\":[{\"firstName\":\"\xff\"}]}", "{\"risks\":[{\"firstName\":\"\xed\xa0\x80\"}]}", "\xef\xbb\xbf{\"risks\":[]}",
	`{"risks":[{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}]}`, `{"risks":[{"x":[1 2]}]}`, `{"risks":[{"x":{1:2}}]}`, `{"risks":[{"x":{"a":1 "b":2}}]}`, `{"risks":[{"x":{,}}]}`, ``,
}

// TestScanIsRead holds what the scanner reads against what the decoder of a library does: the same risks, or it leaves the body to that.
func TestScanIsRead(t *testing.T) {
	t.Parallel()
	taken := 0
	for _, body := range bodies {
		if sameRead(t, []byte(body)) {
			taken++
		}
	}
	if taken < 5 {
		t.Errorf("the scanner took %d bodies alone", taken)
	}
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(rapid.SampledFrom(bodies).Draw(t, "body"))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			if len(body) == 0 {
				break
			}
			at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
			with := rapid.SampledFrom([]string{"", " ", `"`, `\`, `\u`, "{", "}", "[", "]", ",", ":", "0", "-", "e", ".", "n", "\x00", "\x1f", "\x7f", "é", "\xff", "null", `"risks":`}).Draw(t, "with")
			body = slices.Concat(body[:at], []byte(with), body[at+rapid.IntRange(0, 1).Draw(t, "out"):])
		}
		sameRead(t, body)
	})
}

// sameRead says whether the scanner read the body.
func sameRead(t interface{ Errorf(string, ...any) }, body []byte) bool {
	risks, ok := scanRisks(body)
	if !ok {
		return false
	}
	want, err := readAny(body)
	if err != nil || len(risks) != len(want) {
		t.Errorf("%q: scanned %d risks; read %d, %v", body, len(risks), len(want), err)
		return true
	}
	for i := range risks {
		if string(risks[i].raw) != string(want[i].raw) || risks[i].object != want[i].object || risks[i].values != want[i].values {
			t.Errorf("%q: risk %d is\n%+v, read\n%+v", body, i, risks[i], want[i])
		}
	}
	return true
}

func TestScanTakesWhatClientsSend(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 1000, maxRisks} {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`{"policyNumber":"policy %d","firstName":"%s"}`, i, strings.Repeat("я", rand.IntN(50))) //nolint:gosec // no secret
		}
		body := []byte(`{"risks":[` + strings.Join(list, ",") + `]}`)
		if risks, ok := scanRisks(body); !ok || len(risks) != n || risks[n-1].at(policyNumber).text() != fmt.Sprintf("policy %d", n-1) {
			t.Errorf("%d risks: %d, %t", n, len(risks), ok)
		}
	}
}
