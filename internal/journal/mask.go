package journal

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Mask says what is hidden when an exchange is shown. Credentials always are: the values of headers, query parameters and members of
// bodies that carry them, and the sign of an import.
type Mask int

const (
	// Masked hides personal data too: names, dates of birth, telephone numbers, e-mail and postal addresses, passports and
	// driving licences, in bodies and wherever a text about the request repeats them.
	Masked Mask = iota
	// Open hides credentials only.
	Open
)

const masked = "***"

// context is what a JSON value is of, as far as its name and those around it tell.
type context int

const (
	open    context = iota
	hidden          // personal: itself and all beneath
	address         // itself and all beneath, but the kinds of its parts
	papers          // a passport or licences: itself and, beneath, series and number
	inPaper         // beneath one of them, or one that papers belong to
)

// names are the JSON members that hold personal data, in lower case without the dashes and low lines, so that both APIs'
// spellings and those of a client that guesses are one. A bare "name" is not among them: insurers, brands and options have it.
var names = map[string]context{
	"firstname": hidden, "lastname": hidden, "middlename": hidden, "surname": hidden, "patronymic": hidden,
	"birthdate": hidden, "birthday": hidden, "dateofbirth": hidden,
	"phone": hidden, "phonenumber": hidden, "email": hidden,
	"issuer": hidden, "issuedate": hidden, "subdivision": hidden, // of a passport
	"address": address, "addresses": address,
	"passport": papers, "license": papers, "foreignlicense": papers, "previouslicense": papers,
	"file":      hidden,                     // a document
	"documents": papers, "drivers": inPaper, // an answer lists drivers by their licences
}

// plain brings the spellings of a name together.
func plain(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return -1
		}
		return r
	}, name))
}

// member is the context of an object's member, itself in a context.
func (c context) member(name string) context {
	name = plain(name)
	switch own := names[name]; {
	case own != open:
		return own
	case c == address && (name == "type" || strings.HasSuffix(name, "type")):
		return open
	case c == address:
		return address
	case c != papers && c != inPaper:
		return open
	case name == "series" || name == "number":
		return hidden
	}
	return inPaper
}

// hides says whether a text or a number in the context is hidden.
func (c context) hides() bool { return c == hidden || c == address || c == papers }

// member is the context of an object's member, itself in a context, under the mask.
func (m Mask) member(c context, name string) context {
	switch {
	case c == hidden, Secret(name):
		return hidden
	case m == Open:
		return open
	}
	return c.member(name)
}

// body masks a body. What it hid comes back too, so that other texts can be searched for it. A valid JSON body keeps every byte
// but the hidden values and stays valid. Behind a mistake in it, and where it was cut, more is hidden than needed; see rough. Of a
// form only credentials are hidden. What looks like neither is left alone; see withheld.
func (m Mask) body(b []byte) (shown []byte, hid []string) {
	switch {
	case looksLikeJSON(b):
		return maskJSON(b, m)
	case m == Open && looksLikeForm(b):
		text, hid := pairs(string(b), Secret, masked)
		return []byte(text), hid
	}
	return b, nil
}

// withheld says whether a request's body is not shown at all: it is in no form in which personal data or credentials could be found. A
// broken JSON body is not withheld, for it is just what a developer looks for.
func (m Mask) withheld(b []byte) bool {
	if len(b) == 0 || looksLikeJSON(b) {
		return false
	}
	return m != Open || !looksLikeForm(b) && Secret(strings.ReplaceAll(string(b), "\x00", "")) // UTF-16 has a zero beside each letter
}

// looksLikeForm says whether a body is pairs of names and values, as a query has them.
func looksLikeForm(b []byte) bool {
	text := strings.TrimSpace(string(b))
	return strings.Contains(text, "=") && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '<' || r == '"' })
}

// withheldAnswer says whether an answer's body is not shown at all: a PDF, which may hold personal data anywhere.
func (m Mask) withheldAnswer(b []byte) bool { return m != Open && bytes.HasPrefix(b, []byte("%PDF-")) }

// looksLikeJSON says whether a body begins like an object or an array.
func looksLikeJSON(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 {
		return false // UTF-16, in which no word would be found
	}
	s := strings.TrimLeft(strings.TrimPrefix(string(b[:min(len(b), 64)]), "\ufeff"), " \t\r\n")
	return strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")
}

// shortest is how many bytes a hidden value has at least that is searched for in other texts.
const shortest = 4

// eraser hides in texts about a request what was hidden in its bodies.
func eraser(hid []string) *strings.Replacer {
	hid = slices.DeleteFunc(hid, func(s string) bool { return len(s) < shortest || s == masked })
	slices.SortFunc(hid, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	var pairs []string
	for _, s := range slices.Compact(hid) {
		pairs = append(pairs, s, masked)
	}
	return strings.NewReplacer(pairs...)
}

// Secret says whether a header, a query parameter or a member of a body of this name carries credentials.
func Secret(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	name = plain(name)
	if name == "tokentype" { // of an answer with a token: Bearer
		return false
	}
	return slices.ContainsFunc([]string{"token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "credential", "clientassertion"},
		func(s string) bool { return strings.Contains(name, s) })
}

// SecretHeader says whether a header of this name carries credentials: those of the documents, and those that anybody may have made up. That
// hides more than among the members of a body, where keys are often names of something.
func SecretHeader(name string) bool {
	if Secret(name) {
		return true
	}
	name = plain(name)
	switch name {
	case "idempotencykey", "wwwauthenticate", "proxyauthenticate":
		return false
	}
	return strings.HasSuffix(name, "key") || strings.HasSuffix(name, "sign") || strings.Contains(name, "signature") || strings.Contains(name, "auth") || strings.Contains(name, "sessionid")
}

// pairs puts something else in place of the values whose names are hidden, among pairs with "&" between them. Every other byte stays.
// What it hid comes back too. Some write ";" between pairs: where a name behind one is hidden, so is all up to the next "&".
func pairs(text string, hides func(name string) bool, instead string) (shown string, hid []string) {
	parts := strings.Split(text, "&")
	for i, p := range parts {
		for from := 0; from < len(p); {
			name, value, given := strings.Cut(p[from:], "=")
			if given && hides(unescape(name[strings.LastIndexByte(name, ';')+1:])) {
				parts[i] = p[:from] + name + "=" + instead
				hid = append(hid, unescape(value))
				break
			}
			next := strings.IndexByte(p[from:], ';')
			if next < 0 {
				break
			}
			from += next + 1
		}
	}
	return strings.Join(parts, "&"), hid
}

// target hides the credentials, who has them, and the personal data in a query, and leaves every other byte. A sign is hidden too: one that was made
// of the password alone would give that away.
func target(s string) string {
	path, query, ok := strings.Cut(s, "?")
	if !ok {
		return s
	}
	query, _ = pairs(query, func(name string) bool {
		return Personal(name) || strings.EqualFold(name, "sign") || plain(name) == "clientid"
	}, masked)
	return path + "?" + query
}

// linkWithSecrets says whether a text is a URL with something in its query that is hidden in a target.
func linkWithSecrets(text string) bool {
	return (strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")) && target(text) != text
}

// WithoutSecrets is a target without what opens doors: the sign of an import, and the credentials in its query. Every other byte
// stays, and what is taken out leaves its name.
func WithoutSecrets(target string) string {
	path, query, ok := strings.Cut(target, "?")
	if !ok {
		return target
	}
	query, _ = pairs(query, func(name string) bool { return Secret(name) || strings.EqualFold(name, "sign") }, removed)
	return path + "?" + query
}

// RequestWithoutSecrets is the body of a request without credentials, and with every other byte. Nothing is left of one that has some
// which cannot be told from the rest.
func RequestWithoutSecrets(body []byte) []byte {
	if Open.withheld(body) {
		return []byte(removed)
	}
	return AnswerWithoutSecrets(body)
}

// AnswerWithoutSecrets is the body of an answer without credentials, and with every other byte.
func AnswerWithoutSecrets(body []byte) []byte {
	shown, _ := Open.body(body)
	return shown
}

const removed = "removed"

// Personal says whether what stands under a member, a parameter or a header of this name is hidden where nothing but the name is
// known: it, and all beneath, may hold personal data or credentials. That hides more than a body's mask does.
func Personal(name string) bool {
	short := plain(name)
	return names[short] != open || short == "series" || short == "number" || SecretHeader(name)
}
