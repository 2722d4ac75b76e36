package scenario_test

import (
	"time"

	"poligon/internal/scenario"
)

// journey is the script of the fake partner APIs that the tests read: trains and ships.
type journey struct {
	name, colour, price string
	seats               int64
	wait                time.Duration
	stops               []string
	fares               map[string]string
}

func readJourney(n scenario.Node) any {
	j, m := &journey{}, n.Map()
	name, _ := m.Need("name", "")
	j.name = name.Text()
	if v, ok := m.Take("colour", ""); ok {
		j.colour = v.OneOf("colour", []string{"RED", "GREEN", "DARK_BLUE"})
	}
	if v, ok := m.Take("price", ""); ok {
		j.price = v.Money()
	}
	if v, ok := m.Take("seats", ""); ok {
		j.seats = v.Whole(1, 500)
	}
	if v, ok := m.Take("wait", ""); ok {
		j.wait, _ = v.Duration()
	}
	if v, ok := m.Take("stops", ""); ok {
		for _, item := range v.List() {
			if item.IsMap() {
				stop := item.Map()
				at, _ := stop.Need("at", "")
				item = at
				stop.Done()
			} else if item.IsList() {
				item.Mistake("take the brackets away", "a stop is no list")
			}
			j.stops = append(j.stops, item.Text())
		}
	}
	if v, ok := m.Take("fares", ""); ok {
		j.fares = map[string]string{}
		for _, e := range v.Map().All() {
			if e.Value.IsText() {
				j.fares[e.Key.Text()] = e.Value.Text()
			} else {
				e.Value.Map().Done()
			}
		}
	}
	if m.Has("ghost") {
		m.Take("ghost", "")
	}
	m.Done()
	return j
}

var fakeParts = []scenario.Part{
	{API: "trains", MagicFields: []string{"ticket"}, Read: readJourney},
	{API: "ships", MagicFields: []string{"cabin", "deck"}, Read: readJourney},
}
