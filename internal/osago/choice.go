package osago

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"poligon/internal/osago/internal/wire"
	"poligon/internal/partner"
	"poligon/internal/sim"
)

// chosen is the event of a confirmed offer: which cross-sales the customer takes and where to send them after payment.
const chosen = "chosen"

// choice is what POST /osago/offer says of an offer, as compact JSON in the calculation's log.
type choice struct {
	Offer   int         `json:"o"` // its place in the script
	Upsales []takenSale `json:"u,omitempty"`
	Returns returns     `json:"k,omitzero"`

	at time.Time // when it was made last, simulated
	by uint64    // the number of the exchange
}

// same says whether two choices of an offer choose the same.
func (ch choice) same(other choice) bool {
	return ch.Returns == other.Returns && slices.Equal(ch.Upsales, other.Upsales)
}

// takenSale is one option of one cross-sale.
type takenSale struct {
	Upsale string `json:"u"`
	Option int    `json:"o"`
}

// returns are where the customer goes after payment; empty for nowhere.
type returns struct {
	Success string `json:"s,omitempty"`
	Failure string `json:"f,omitempty"`
}

// known are the pages that a customer can be sent to.
func (r returns) known() returns {
	if !isReturnURL(r.Success) {
		r.Success = ""
	}
	if !isReturnURL(r.Failure) {
		r.Failure = ""
	}
	return r
}

// event is the choice as an event of the log.
func (ch choice) event() (sim.Event, error) {
	data, err := json.Marshal(ch)
	if err != nil {
		return sim.Event{}, fmt.Errorf("keeping a choice: %w", err)
	}
	return sim.Event{Name: chosen, Data: data}, nil
}

// decodeChoice reads the data of a chosen event. Return URLs that nobody could have named are corrupt.
func decodeChoice(data []byte) (ch choice, err error) {
	if err := json.Unmarshal(data, &ch); err != nil || ch.Offer < 0 || ch.Offer >= maxOffers {
		return choice{}, sim.ErrCorrupt
	}
	for _, link := range []string{ch.Returns.Success, ch.Returns.Failure} {
		if link != "" && !isReturnURL(link) {
			return choice{}, sim.ErrCorrupt
		}
	}
	return ch, nil
}

// readChoices are the last choices among the events after a start, by the offer's place.
func readChoices(events []sim.Event) (map[int]choice, error) {
	var list map[int]choice
	for _, e := range events {
		if e.Name != chosen {
			continue
		}
		ch, err := decodeChoice(e.Data)
		if err != nil {
			return nil, err
		}
		if list == nil {
			list = map[int]choice{}
		}
		ch.at, ch.by = e.At, e.By
		list[ch.Offer] = ch
	}
	return list, nil
}

// shownChoices are the choices in force, in the order of the offers, for an explanation.
func (c *calculation) shownChoices() (list []partner.Choice) {
	for i := range c.offers {
		ch, ok := c.choices[i]
		if !ok {
			continue
		}
		shown := partner.Choice{Part: c.offerID(i), At: ch.at, By: ch.by, Upsales: []partner.ChosenUpsale{}}
		for _, taken := range ch.Upsales {
			shown.Upsales = append(shown.Upsales, partner.ChosenUpsale{Upsale: taken.Upsale, Option: strconv.Itoa(taken.Option)})
		}
		list = append(list, shown)
	}
	return list
}

// plainHost is a host as it can stand in a header too: a name or an address.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// isReturnURL says whether a customer can be sent to an address: an absolute http or https URL in ASCII, of no more letters than a
// browser takes, without a user's name, which could pass for the host.
func isReturnURL(text string) bool {
	const longest = 2000
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' || text[i] == '\\' {
			return false
		}
	}
	u, err := url.Parse(text)
	return err == nil && len(text) <= longest && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && isHost(u)
}

// isHost says whether a URL has a host that can be reached, and a port that there is, if any.
func isHost(u *url.URL) bool {
	name, port := u.Hostname(), u.Port()
	if _, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || strings.Trim(port, "0") == "") || strings.HasSuffix(u.Host, ":") {
		return false
	}
	if strings.HasPrefix(u.Host, "[") {
		ip, err := netip.ParseAddr(name)
		return err == nil && ip.Is6() && ip.Zone() == ""
	}
	return plainHost.MatchString(name) && strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
}

// readReturns are the pages of a calculation request. One that nobody can be sent to is as if it were not named.
func readReturns(from *wire.ReturnUrls) (r returns) {
	if from == nil {
		return r
	}
	if link := value(from.SuccessURL); isReturnURL(link) {
		r.Success = link
	}
	if link := value(from.FailureURL); isReturnURL(link) {
		r.Failure = link
	}
	return r
}

// priceOf is the offer's premium and, once it is confirmed, what the chosen options cost.
func (c *calculation) priceOf(i int, app application) decimal.Decimal {
	sum := c.story.offers[i].premium(c, app)
	for _, taken := range c.choices[i].Upsales {
		if _, option := c.story.offers[i].shows.find(taken); option != nil && option.Price != nil {
			sum = sum.Add(decimal.RequireFromString(option.Price.String())) // read by scenario.Node.Money
		}
	}
	return sum
}

// find is a cross-sale and its option; nil where there is none.
func (s *shown) find(t takenSale) (*wire.UpsaleInfo, *wire.UpsaleOption) {
	for i := range s.upsales {
		if s.upsales[i].ID != t.Upsale {
			continue
		}
		options := value(s.upsales[i].Options)
		for j := range options {
			if *options[j].ID == t.Option {
				return &s.upsales[i], &options[j]
			}
		}
		return &s.upsales[i], nil
	}
	return nil, nil
}

// upsalesOf are the cross-sales of an offer. Once it is confirmed the chosen options are the default ones, and no others (inferred).
func (c *calculation) upsalesOf(i int) *[]wire.UpsaleInfo {
	ch, confirmed := c.choices[i]
	if !confirmed {
		return &c.story.offers[i].shows.upsales
	}
	list := slices.Clone(c.story.offers[i].shows.upsales) // the script's are shared
	for j := range list {
		if list[j].Options == nil {
			continue
		}
		options := slices.Clone(*list[j].Options)
		for k := range options {
			options[k].IsDefault = ptr(slices.Contains(ch.Upsales, takenSale{list[j].ID, *options[k].ID}))
		}
		list[j].Options = &options
	}
	return &list
}

// compulsory says whether a cross-sale of an offer cannot be called off: one that is required, or any in the reinsurance pool
// (contract facts A6). One without options has nothing to take.
func (s *shown) compulsory(u *wire.UpsaleInfo) bool {
	return len(value(u.Options)) > 0 && (value(u.IsRequired) || value(s.pool))
}

// defaults are the compulsory cross-sales with their default options, or the first where none is.
func (s *shown) defaults() (list []takenSale) {
	for i := range s.upsales {
		if u := &s.upsales[i]; s.compulsory(u) {
			options := *u.Options
			at := max(slices.IndexFunc(options, func(o wire.UpsaleOption) bool { return value(o.IsDefault) }), 0)
			list = append(list, takenSale{u.ID, *options[at].ID})
		}
	}
	return list
}

// wrongChoice is why a choice cannot be taken: the field, what the partner says of it, and why.
type wrongChoice struct{ property, message, reason string }

// take reads the chosen cross-sales of an offer; sent is nil where the request has none. Which choices are refused is inferred, save
// that options of different compatibility_id exclude each other and that the pool's are compulsory (contract facts A6).
func (s *shown) take(sent *[]wire.ChosenUpsale, allowed bool) ([]takenSale, *wrongChoice) {
	switch {
	case !allowed && len(value(sent)) > 0:
		return nil, &wrongChoice{"upsales", "Дополнительные продукты не разрешены запросом.", "the calculation was asked for with is_cross_allowed: false; leave upsales out"}
	case !allowed:
		return nil, nil
	case sent == nil:
		return s.defaults(), nil
	}
	var list []takenSale
	compatible := -1
	for i, each := range *sent {
		at := fmt.Sprintf("upsales[%d].", i)
		taken := takenSale{Upsale: value(each.UpsaleID)}
		n, err := strconv.Atoi(value(each.OptionID))
		if taken.Option = n; err != nil || strconv.Itoa(n) != value(each.OptionID) {
			taken.Option = -1
		}
		upsale, option := s.find(taken)
		switch {
		case each.UpsaleID == nil:
			return nil, &wrongChoice{at + "upsale_id", messageRequired, at + "upsale_id is missing"}
		case upsale == nil:
			return nil, &wrongChoice{at + "upsale_id", "Неизвестный дополнительный продукт.", fmt.Sprintf("the offer has no upsale %.100q; it has: %s", taken.Upsale, s.upsaleIDs())}
		case each.OptionID == nil:
			return nil, &wrongChoice{at + "option_id", messageRequired, at + "option_id is missing"}
		case option == nil:
			return nil, &wrongChoice{at + "option_id", "Неизвестный вариант дополнительного продукта.", fmt.Sprintf("upsale %s has no option %.100q; it has: %s", upsale.ID, *each.OptionID, optionIDs(upsale))}
		case slices.ContainsFunc(list, func(t takenSale) bool { return t.Upsale == taken.Upsale }):
			return nil, &wrongChoice{at + "upsale_id", "Можно выбрать только один вариант дополнительного продукта.", "upsale " + upsale.ID + " is chosen twice; pick one of its options"}
		case compatible >= 0 && compatible != *option.CompatibilityID:
			return nil, &wrongChoice{at + "option_id", "Выбранные варианты несовместимы.",
				fmt.Sprintf("option %d has compatibility_id %d, and those chosen before have %d: they cannot be taken together", taken.Option, *option.CompatibilityID, compatible)}
		}
		compatible = *option.CompatibilityID
		list = append(list, taken)
	}
	return list, s.calledOff(list)
}

// calledOff says which compulsory cross-sale a choice lacks; nil when it lacks none.
func (s *shown) calledOff(list []takenSale) *wrongChoice {
	for i := range s.upsales {
		if u := &s.upsales[i]; s.compulsory(u) && !slices.ContainsFunc(list, func(t takenSale) bool { return t.Upsale == u.ID }) {
			return &wrongChoice{"upsales", "От обязательного дополнительного продукта нельзя отказаться.",
				fmt.Sprintf("upsale %s is compulsory: add it with one of its options (%s), or leave upsales out to take it as it is", u.ID, optionIDs(u))}
		}
	}
	return nil
}

func (s *shown) upsaleIDs() string {
	text := ""
	for i := range s.upsales {
		text += ", " + s.upsales[i].ID
	}
	return after(text)
}

func optionIDs(u *wire.UpsaleInfo) string {
	text := ""
	for _, o := range value(u.Options) {
		text += ", " + strconv.Itoa(*o.ID)
	}
	return after(text)
}

// after is a list without the comma before it, or that there is none.
func after(list string) string {
	if list == "" {
		return "none"
	}
	return list[2:]
}
