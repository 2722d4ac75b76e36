package osago

import (
	"math"
	"net/url"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"poligon/internal/osago/internal/wire"
	"poligon/internal/scenario"
)

// shown is what an offer shows beside its status and its price. The keys in a scenario are the contract's.
type shown struct {
	prolongation, extProlongation, pool *bool
	draft, payment                      link
	upsales                             []wire.UpsaleInfo // not to be changed
	nodes                               []scenario.Node   // of the upsales
	node                                scenario.Node
}

// link is where a link of an offer leads: to us, elsewhere, or nowhere.
type link struct {
	none bool
	url  string // empty for ours
}

const noLink = "none"

// readShown reads the keys of an offer that say what it shows.
func readShown(m *scenario.Map) (s shown) {
	s.node = m.Node()
	for _, f := range []struct {
		key, doc string
		to       **bool
	}{
		{"is_prolongation", "whether the offer prolongs the same insurer's policy", &s.prolongation},
		{"is_ext_prolongation", "whether the offer prolongs another insurer's policy", &s.extProlongation},
		{"is_reinsurance_pool", "whether the policy is in the reinsurance pool, where cross-sales are compulsory", &s.pool},
	} {
		if v, ok := m.Take(f.key, f.doc); ok {
			flag := v.Flag()
			*f.to = &flag
		}
	}
	if v, ok := m.Take("draft_url", "where the link to the draft leads, or none; otherwise to Poligon"); ok {
		s.draft = readLink(v)
	}
	if v, ok := m.Take("payment_url", "where the link to pay leads, or none; otherwise to Poligon"); ok {
		s.payment = readLink(v)
	}
	if v, ok := m.Take("upsales", "cross-sales beside the policy; shown with the price, where the request allows them"); ok {
		items := v.List()
		if v.IsList() && len(items) == 0 {
			v.Mistake("write one, or remove the key", "the list is empty")
		}
		items = atMost(v, items)
		for i, item := range items {
			s.upsales, s.nodes = append(s.upsales, s.readUpsale(item, i)), append(s.nodes, item)
		}
	}
	return s
}

func readLink(n scenario.Node) link {
	n.Looks(`^(none|https?://[^/].*)$`, noLink, "https://example.test/pay")
	text := n.Text()
	if text == noLink {
		return link{none: true}
	}
	if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		n.Mistake("write https://host/path, or none for an offer without the link", "%.60q is no link", text)
		return link{}
	}
	return link{url: text}
}

// at is the link's text; ours is where it leads otherwise. It is nil where there is none.
func (l link) at(ours string) *string {
	switch {
	case l.none:
		return nil
	case l.url != "":
		return &l.url
	}
	return &ours
}

func (s *shown) readUpsale(n scenario.Node, place int) wire.UpsaleInfo {
	m := n.Map()
	text := func(key, doc, otherwise string) string {
		if v, ok := m.Take(key, doc); ok {
			return v.Text()
		}
		return otherwise
	}
	u := wire.UpsaleInfo{InsurancePeriod: text("insurance_period", "how long it lasts, in words; 1 год otherwise", "1 год"),
		Insured: text("insured", "who or what is insured; the driver and the passengers otherwise", "Водитель и пассажиры")}
	name, _ := m.Need("short_name", "what it is called")
	u.ShortName = name.Text()
	u.FullName = text("full_name", "what it is called in full; the short name otherwise", u.ShortName)
	if u.ID = strconv.Itoa(place + 1); m.Has("id") {
		id, _ := m.Take("id", "its id, a text of digits; its place otherwise")
		u.ID = id.Text()
	} else {
		m.Take("id", "its id, a text of digits; its place otherwise")
	}
	if slices.ContainsFunc(s.upsales, func(o wire.UpsaleInfo) bool { return o.ID == u.ID }) {
		n.Mistake("give it another id:", "there is a cross-sale of id %s above already", u.ID)
	}
	if code := text("upsale_code", "its code, as in AccidentPassengersPoolForEOsago150", ""); code != "" {
		u.UpsaleCode = &code
	}
	if v, ok := m.Take("is_required", "whether it is compulsory: shown as chosen, and cannot be called off"); ok {
		flag := v.Flag()
		u.IsRequired = &flag
	}
	if v, ok := m.Take("options", "ways to take it, of which the customer picks one"); ok {
		var options []wire.UpsaleOption
		for i, item := range atMost(v, v.List()) {
			options = append(options, readOption(item, i))
		}
		u.Options = &options
		checkOptions(v, options)
	}
	m.Done()
	return u
}

// atMost is a list that no client would show whole if it were longer.
func atMost(n scenario.Node, items []scenario.Node) []scenario.Node {
	const most = 100
	if len(items) > most {
		n.Mistake("keep the story small", "%d are more than %d", len(items), most)
		return items[:most]
	}
	return items
}

func checkOptions(n scenario.Node, options []wire.UpsaleOption) {
	ids, defaults := map[int]bool{}, 0
	for _, o := range options {
		if ids[*o.ID] {
			n.Mistake("give each an id: of its own", "two options have the id %d", *o.ID)
		}
		ids[*o.ID] = true
		if o.IsDefault != nil && *o.IsDefault {
			defaults++
		}
	}
	if defaults > 1 {
		n.Mistake("keep one of them: the customer picks one", "%d options are the default", defaults)
	}
}

func readOption(n scenario.Node, place int) (o wire.UpsaleOption) {
	m := n.Map()
	whole := func(key, doc string, otherwise int) *int {
		if v, ok := m.Take(key, doc); ok {
			otherwise = int(v.Whole(0, math.MaxInt32))
		}
		return &otherwise
	}
	text := func(key, doc string) *string {
		if v, ok := m.Take(key, doc); ok {
			text := v.Text()
			return &text
		}
		return nil
	}
	o.ID = whole("id", "its id; its place otherwise", place+1)
	o.CompatibilityID = whole("compatibility_id", "options whose numbers differ cannot be chosen together; 1 otherwise", 1)
	name, _ := m.Need("name", "what it is called")
	o.Name = ptr(name.Text())
	o.Description = text("description", "what is paid, in words")
	o.Insured = text("insured", "who or what is insured")
	if v, ok := m.Need("price", "its premium in roubles"); ok {
		o.Price = number(decimal.RequireFromString(v.Money()))
	}
	if v, ok := m.Take("is_default", "whether it is chosen at first"); ok {
		flag := v.Flag()
		o.IsDefault = &flag
	}
	if v, ok := m.Take("risk_payments", "what is paid for each risk"); ok {
		var list []wire.RiskPayment
		for _, item := range v.List() {
			list = append(list, readPayment(item))
		}
		o.RiskPayments = &list
	}
	m.Done()
	return o
}

func readPayment(n scenario.Node) (p wire.RiskPayment) {
	m := n.Map()
	risk, _ := m.Need("risk", "the risk")
	p.Risk = ptr(risk.Text())
	if v, ok := m.Take("pays", "what is paid, in words"); ok {
		pays := []string{}
		for _, item := range v.List() {
			pays = append(pays, item.Text())
		}
		p.Pays = &pays
	}
	m.Done()
	return p
}

func ptr[T any](v T) *T { return &v }
