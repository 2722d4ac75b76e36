package bordereau

// glance is the form of a calendar's dates, by which nearly all that are right are known without a look at a calendar.
type glance struct {
	form string // 0 for a digit, + for a sign; a Z may stand for sign, hour and minute of the zone
	at   [6]int // where day, month, hour, minute, and the zone's hour and minute are; -1 for what there is not
}

// glances are the forms by the calendars' names.
var glances = map[string]*glance{
	"dd.MM.yyyy":           {"00.00.0000", [6]int{0, 3, -1, -1, -1, -1}},
	"yyyy-MM-dd":           {"0000-00-00", [6]int{8, 5, -1, -1, -1, -1}},
	"yyyy-MM-dd HH:mm XXX": {"0000-00-00 00:00 +00:00", [6]int{8, 5, 11, 14, 18, 21}},
}

// good says whether a text is a date at first sight: of the form, with a day that every month has. Of any other text it says nothing.
func (g *glance) good(s string) bool {
	if g == nil || !g.formed(s) {
		return false
	}
	limits := [...]byte{28, 12, 23, 59, 17, 59}
	for i, at := range g.at {
		if at < 0 || at >= len(s) {
			continue
		}
		if n := (s[at]-'0')*10 + s[at+1] - '0'; n > limits[i] || i < 2 && n == 0 {
			return false
		}
	}
	return true
}

func (g *glance) formed(s string) bool {
	if short := len(g.form) - len("00:00"); len(s) != len(g.form) && (len(s) != short || g.form[short-1] != '+' || s[short-1] != 'Z') {
		return false
	}
	for i := range len(s) {
		switch b := s[i]; g.form[i] {
		case '0':
			if b-'0' > 9 {
				return false
			}
		case '+':
			if b != '+' && b != '-' && (b != 'Z' || i != len(s)-1) {
				return false
			}
		case b:
		default:
			return false
		}
	}
	return true
}
