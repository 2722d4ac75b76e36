package verify

import (
	"slices"
	"strconv"
	"strings"
)

// ofSeen is a criterion on the statuses that the client was told: the subject's, where the answer is a success, and whatever an
// answer in JSON calls a status.
type ofSeen struct{ want string }

func (c ofSeen) judge(s *seen) ruling {
	switch {
	case s.Running:
		return unknown
	case s.Answer.Status == 0:
		return no
	case s.Answer.Status/100 == 2 && s.After == c.want:
		return yes
	}
	document := s.document(ofAnswer)
	if document.err != nil {
		return no
	}
	switch told := statuses(document.value, nil); {
	case slices.Contains(told, c.want):
		return yes
	case document.partial:
		return unknown
	}
	return no
}

func (c ofSeen) explain(s *seen, d *differ) {
	var told []string
	if s.Answer.Status/100 == 2 && s.After != "" {
		told = append(told, s.After)
	}
	if document := s.document(ofAnswer); document.err == nil {
		told = statuses(document.value, told)
	}
	slices.Sort(told)
	told = slices.Compact(told)
	if len(told) == 1 {
		d.texts("seen", c.want, told[0], false)
		return
	}
	for i, status := range told {
		told[i] = quoted(status, 0)
	}
	actual := strings.Join(told[:min(len(told), mostShown)], ", ")
	if len(told) == 0 {
		actual = "no status"
	}
	d.add(Difference{Where: "seen", Expected: quoted(c.want, 0), Actual: actual})
}

// statuses adds what is called a status anywhere in a value.
func statuses(v value, list []string) []string {
	for _, item := range v.items {
		list = statuses(item, list)
	}
	for name, member := range v.members {
		if (name == "status" || name == "offer_status") && member.kind == '"' {
			list = append(list, member.text)
		}
		list = statuses(member, list)
	}
	return list
}

// ofRefusal is a criterion on whether the client was refused.
type ofRefusal struct{ want bool }

func (c ofRefusal) judge(s *seen) ruling {
	if s.Running {
		return unknown
	}
	return rule(c.want == (s.Reason != ""))
}

func (c ofRefusal) explain(s *seen, d *differ) {
	actual := "false"
	if s.Reason != "" {
		actual = "true: " + s.Reason
	}
	d.add(Difference{Where: "refused", Expected: strconv.FormatBool(c.want), Actual: actual})
}

// ofFault is a criterion on the faults that were done on purpose.
type ofFault struct{ want string }

func (c ofFault) judge(s *seen) ruling {
	if slices.ContainsFunc(s.Faults, func(words string) bool { return strings.Contains(words, c.want) }) {
		return yes
	}
	if s.Running {
		return unknown
	}
	return no
}

func (c ofFault) explain(s *seen, d *differ) {
	actual := "no fault"
	if len(s.Faults) > 0 {
		actual = quoted(strings.Join(s.Faults, "; "), 0)
	}
	d.add(Difference{Where: "fault", Expected: "words with " + quoted(c.want, 0), Actual: actual})
}
