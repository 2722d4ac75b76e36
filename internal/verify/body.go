package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// matcher is a Pattern that was read.
type matcher struct {
	exact   *string
	matches *regexp.Regexp
	present *bool
}

// fits says whether a text is as the pattern has it. Where presence is asked for any text does.
func (m matcher) fits(text string) bool {
	switch {
	case m.exact != nil:
		return text == *m.exact
	case m.matches != nil:
		return m.matches.MatchString(text)
	}
	return true
}

func (m matcher) String() string {
	switch {
	case m.exact != nil:
		return quoted(*m.exact, 0)
	case m.matches != nil:
		return "a text that matches " + m.matches.String()
	case m.present != nil && !*m.present:
		return "nothing"
	}
	return "anything"
}

// unread is what is known of a body that is not JSON, or not there yet.
func (s *seen) unread(of side) (r ruling, out bool) {
	if of == ofAnswer && s.Running {
		return unknown, true
	}
	return no, s.document(of).err != nil
}

func (s *seen) notJSON(of side, expected string, d *differ) {
	body, _ := s.body(of)
	actual := "a body that is not JSON, " + strconv.Itoa(len(body)) + " bytes"
	if len(body) == 0 {
		actual = "no body"
	}
	d.add(Difference{Where: of.String(), Expected: expected, Actual: actual})
}

// ofSubset is a criterion that a body holds a subset.
type ofSubset struct {
	of   side
	want value
}

func (c ofSubset) judge(s *seen) ruling {
	if r, out := s.unread(c.of); out {
		return r
	}
	return subset(c.want, s.document(c.of).value)
}

func (c ofSubset) explain(s *seen, d *differ) {
	if s.document(c.of).err != nil {
		s.notJSON(c.of, short(c.want.String()), d)
		return
	}
	d.values(c.of.String(), c.want, s.document(c.of).value, false)
}

// ofPath is a criterion that some value at a path holds a subset or is as a pattern has it.
type ofPath struct {
	of      side
	path    string
	steps   []step
	want    value
	pattern *matcher // nil where want is meant
}

func (c ofPath) judge(s *seen) ruling {
	absent := c.pattern != nil && c.pattern.present != nil && !*c.pattern.present
	if r, out := s.unread(c.of); out {
		if absent && r == no {
			return yes
		}
		return r
	}
	found, unsure := walk(place{c.of.String(), s.document(c.of).value}, c.steps)
	best := no
	for _, at := range found {
		best = max(best, c.holds(at.value))
	}
	switch {
	case absent && len(found) > 0:
		return no
	case unsure && best == no:
		return unknown
	case absent:
		return yes
	}
	return best
}

func (c ofPath) holds(v value) ruling {
	switch {
	case c.pattern == nil:
		return subset(c.want, v)
	case c.pattern.present != nil:
		return yes
	case v.kind == 0:
		return unknown
	}
	text, ok := v.plain()
	return rule(ok && c.pattern.fits(text))
}

func (c ofPath) expected() string {
	if c.pattern != nil {
		return c.pattern.String()
	}
	return short(c.want.String())
}

func (c ofPath) explain(s *seen, d *differ) {
	if s.document(c.of).err != nil {
		s.notJSON(c.of, c.path+": "+c.expected(), d)
		return
	}
	masked := slices.ContainsFunc(c.steps, func(s step) bool { return s.kind == '.' && d.isPersonal(s.name) })
	found, _ := walk(place{c.of.String(), s.document(c.of).value}, c.steps)
	if len(found) == 1 && c.pattern == nil {
		d.values(found[0].path, c.want, found[0].value, masked)
		return
	}
	var shown []string
	for _, at := range found {
		text := d.show(at.value, masked)
		if !slices.Contains(shown, text) {
			shown = append(shown, text)
		}
		if len(shown) == mostShown {
			break
		}
	}
	where, actual := c.of.String()+"."+c.path, strings.Join(shown, ", ")
	if len(found) == 0 {
		actual = "nothing"
	}
	if len(found) == 1 {
		where = found[0].path
	}
	d.add(Difference{Where: strings.ReplaceAll(where, ".[", "["), Expected: c.expected(), Actual: actual})
}

// ofWords is a criterion that a regular expression is found in a body.
type ofWords struct {
	of      side
	matches *regexp.Regexp
}

func (c ofWords) judge(s *seen) ruling {
	if c.of == ofAnswer && s.Running {
		return unknown
	}
	body, cut := s.body(c.of)
	if !cut {
		return rule(c.matches.Match(body))
	}
	if last, _ := utf8.DecodeLastRune(body); last == utf8.RuneError {
		body = body[:max(len(body)-utf8.UTFMax+1, 0)] // half a letter
	}
	if at := c.matches.FindIndex(body); at != nil && at[1] < len(body) {
		return yes // what follows cannot undo it, as it could where the expression looked at the end
	}
	return unknown
}

func (c ofWords) explain(s *seen, d *differ) {
	body, _ := s.body(c.of)
	actual := fmt.Sprintf("%d bytes without a match", len(body))
	if len(body) == 0 {
		actual = "no body"
	}
	d.add(Difference{Where: c.of.String(), Expected: "a text that matches " + c.matches.String(), Actual: actual})
}
