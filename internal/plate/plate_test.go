package plate

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"А123ВС77": "А123ВС77", "a123bc77": "А123ВС77", "A 123 BC 199": "А123ВС199", "а123Вc-77": "А123ВС77", "\u00a0Х999ХХ00 ": "Х999ХХ00", "А000АА01": "А000АА01",
		"1234АВ77": "1234АВ77", "ab123477": "АВ123477", "АВ 1234 199": "АВ1234199", "АВ12377": "АВ12377", "АВ123777": "АВ123777",
	} {
		if p, err := Parse(text); err != nil || p.String() != want {
			t.Errorf("%q is %s, %v, not %s", text, p, err, want)
		}
	}
	for _, text := range []string{"", "А", "А123ВС7", "А123ВС7777", "А123БВ777", "А123ВС077", "А12ВС77", "А123ВС7А", "123АВС77", "А123ВС٧٧", "А123ВС+7", "А123ВС77?", "D123BC77", "\xff123BC77",
		"АВ1277", "12345АВ77"} {
		if p, err := Parse(text); err == nil {
			t.Errorf("%q is %s", text, p)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Kind{"А123ВС77": Car, "1234АВ77": Motorcycle, "АВ123477": Trailer, "АВ123777": Trailer, "АВ12377": Bus} {
		if p, _ := Parse(text); p.Kind != want {
			t.Errorf("%s is of kind %d, not %d", text, p.Kind, want)
		}
	}
}

// TestIndex: each plate has an index of its own, and is found by it and by its text.
func TestIndex(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		index := rapid.Uint64Max(Count()-1).Draw(t, "index")
		p, ok := At(index)
		if !ok {
			if p.Kind != Bus {
				t.Fatalf("no plate at %d", index)
			}
			return
		}
		if again, err := Parse(p.String()); err != nil || again != p || p.Index() != index {
			t.Fatalf("%d is %s, which is %+v at %d: %v", index, p, again, p.Index(), err)
		}
	})
	if p, ok := At(Count()); ok {
		t.Errorf("beyond the last plate is %s", p)
	}
}
