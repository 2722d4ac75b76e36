package scenario_test

import (
	"strings"
	"testing"
)

// head begins a good file; what is broken comes after it.
const head = "title: A story\nstory: What a client learns.\n"

// brokenYAML are files that are not what the reader knows of YAML.
var brokenYAML = []broken{
	{name: "empty", text: ""},
	{name: "nothing but comments", text: "# to do\n\n  # later\n"},
	{name: "nothing but the mark of a document", text: "---\n"},
	{name: "two documents", text: head + "trains: {name: x}\n---\n" + head},
	{name: "three documents and an end", text: head + "---\na: 1\n---\nb: 2\n...\n"},
	{name: "content on the line of the mark", text: "--- title: x\n"},
	{name: "not UTF-8", text: "title: ok\nstory: \xcf\xee\xe5\xe7\xe4\n"},
	{name: "not UTF-8 behind Cyrillic", text: "title: Поезд\xff\n"},
	{name: "UTF-16", text: "\xff\xfet\x00i\x00"},
	{name: "zero bytes", text: "title: a\x00b\nstory: c\x00\n"},
	{name: "control characters", text: "title: \x1b[31mred\nstory: c\u0085d\n"},
	{name: "carriage returns alone", text: "title: a\rstory: b\r"},
	{name: "tabs", text: head + "trains:\n\tname: x\n\tseats:\t3 # a\tb\n"},
	{name: "too large", text: head + strings.Repeat("# 34567890\n", 100_000)},
	{name: "BOM and CRLF", text: "\ufefftitle: A story\r\nstroy: x\r\ntrains: {name: y}\r\n"},
	{name: "mark of Windows and a mistake behind it", text: "\ufefftitle: One: two\r\nstory: x\r\n"},
	{name: "anchors and aliases", text: head + "trains: &base\n  name: x\nships: *base\n"},
	{name: "anchor of a text", text: head + "trains: {name: &n x, colour: *n}\n"},
	{name: "alias as a key", text: head + "*name : x\n"},
	{name: "merge key", text: head + "trains:\n  <<: {name: x}\n"},
	{name: "merge key in braces", text: head + "trains: {<<: x}\n"},
	{name: "tags", text: head + "seed: !!int 7\ntrains: !train {name: x}\n"},
	{name: "directive", text: "%YAML 1.2\n---\n" + head},
	{name: "list as a key", text: head + "[a, b]: c\n"},
	{name: "mapping as a key in braces", text: head + "trains: {{a: b}: c}\n"},
	{name: "no key before the colon", text: head + ": x\n"},
	{name: "no space behind the colon", text: "title:A story\nstory: x\n"},
	{name: "no space behind a later colon", text: "title: A story\nstory:x\ntrains: {name: y}\n"},
	{name: "no space behind a colon in braces", text: head + "trains: {name:x, seats: 3}\n"},
	{name: "no space behind a colon in a list", text: head + "trains:\n  name: x\n  stops:\n    - at:y\n      colour: RED\n"},
	{name: "no colon", text: head + "trains\n"},
	{name: "second colon", text: "title: One: two\nstory: x # a: b\n"},
	{name: "second colon in braces", text: head + "trains: {name: one: two}\n"},
	{name: "comma missing", text: head + "trains: {name: x seats: 3}\n"},
	{name: "comma missing at the end of a line", text: head + "trains: {\n  name: x\n  seats: 3\n}\n"},
	{name: "comma too many", text: head + "trains: {name: x,, seats: 3}\n"},
	{name: "comma within a text in braces", text: head + "trains: {name: Moscow, Kazan, price: 12,5}\n"},
	{name: "brace not closed", text: head + "trains:\n  name: x\n  stops:\n    - {at: y\n    - {at: z}\n  seets: 3\n"},
	{name: "brace not closed at the end", text: head + "trains: {name: x"},
	{name: "bracket not closed", text: head + "trains:\n  stops: [y, z\n  seets: 3\n  name: x\n"},
	{name: "wrong bracket", text: head + "trains: {name: x, stops: [y, z}}\n"},
	{name: "bracket too many", text: head + "trains: {name: x}}\nships: ]\n"},
	{name: "text behind a brace", text: head + "trains: {name: x} yes\n"},
	{name: "quote not closed", text: "title: 'A story\nstory: x\ntrains: {nam: y}\n"},
	{name: "quote not closed in braces", text: head + "trains: {name: \"x}\nships: {nam: y}\n"},
	{name: "quote within quotes", text: "title: 'It's late'\nstory: \"He said \"no\" and left\"\n"},
	{name: "unknown escape", text: "title: \"C:\\Program\"\nstory: \"\\ud83d \\xZZ\"\ntrains: {name: \"\\q\"}\n"},
	{name: "reserved characters", text: "title: @noon\nstory: `x`\nseed: %5\ntrains: {name: |x}\n"},
	{name: "text on the line of its mark", text: "title: |x\nstory: >2\n  y\n"},
	{name: "empty line with spaces above a block text", text: "title: x\nstory: >\n     \n  y\n"},
	{name: "deeper than its siblings", text: head + "trains:\n  name: x\n    seats: 3\n  colour: RED\n"},
	{name: "less deep than its siblings", text: head + "trains:\n    name: x\n  seats: 3\n"},
	{name: "first line indented", text: "  title: x\nstory: y\n"},
	{name: "list item among keys", text: head + "- a\n- b\nc: d\n"},
	{name: "list item on the line of its key", text: head + "trains: - a\n"},
	{name: "key among list items", text: head + "trains:\n  name: x\n  stops:\n    - y\n    at: z\n"},
	{name: "list items out of line", text: head + "trains:\n  name: x\n  stops:\n    - y\n   - z\n"},
	{name: "nested too deep in brackets", text: head + "trains: " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n"},
	{name: "nested too deep over many lines", text: head + "trains: " + strings.Repeat("{\n a: ", 60)},
	{name: "nested too deep in dashes", text: strings.Repeat("- ", 60) + "x\n"},
	{name: "nested too deep by indentation", text: deep(60)},
	{name: "long line", text: head + "trains: {name: " + strings.Repeat("long ", 50) + ", sets: 3, fares: {" + strings.Repeat("x", 200) + ": []}}\n"},
	{name: "wide letters before the place", text: "title: Поезд «Ласточка»: опоздал\n"},
}

func deep(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// brokenStories are files that are YAML and no story.
var brokenStories = []broken{
	{name: "a list", text: "- title: x\n"},
	{name: "a text", text: "hello\n"},
	{name: "a text in quotes", text: "\"hello\"\n"},
	{name: "an empty mapping", text: "{}\n"},
	{name: "unknown keys", text: "titel: x\nstory: y\nsede: 7\ntrain: {name: z}\nFARES: {}\n"},
	{name: "unknown key and no section", text: head + "tranes: {name: x}\n"},
	{name: "duplicate keys", text: "title: x\nstory: y\ntitle: z\ntrains: {name: x, name: y}\n\"story\": w\n"},
	{name: "missing keys", text: "seed: 7\ntrains: {}\n"},
	{name: "empty values", text: "title:\nstory: \"\"\nseed: ~\ntrains:\n"},
	{name: "empty block text", text: "title: x\nstory: >\n\ntrains: {name: null, colour: }\n"},
	{name: "no section", text: head},
	{name: "kinds mixed up", text: "title: [x]\nstory: {a: b}\nseed: [1]\nmagic: {ships.deck: 1, why: x}\ntrains: [a]\nships: 5\n"},
	{name: "kinds mixed up within", text: head + "trains:\n  name: {a: b}\n  colour: [RED]\n  price: {a: 1}\n  seats: [3]\n  wait: {a: b}\n  stops: x\n  fares: [a]\n"},
	{name: "nothing within", text: head + "trains:\n  name: x\n  stops:\n    -\n    - ~\n    - {at: }\n    - []\n  fares: {a: , b: {c: d}}\n"},
	{name: "seeds", text: "title: x\nstory: y\ntrains: {name: z}\nseed: 0\n"},
	{name: "seed negative", text: head + "trains: {name: z}\nseed: -1\n"},
	{name: "seed too large", text: head + "trains: {name: z}\nseed: 9223372036854775808\n"},
	{name: "seed beyond all", text: head + "trains: {name: z}\nseed: " + strings.Repeat("9", 100) + "\n"},
	{name: "seed octal", text: head + "trains: {name: z}\nseed: 010\n"},
	{name: "seed hexadecimal", text: head + "trains: {name: z}\nseed: 0x10\n"},
	{name: "seed with a separator", text: head + "trains: {name: z}\nseed: 1_000\n"},
	{name: "seed with a point", text: head + "trains: {name: z}\nseed: 7.0\n"},
	{name: "seed in quotes", text: head + "trains: {name: z}\nseed: \"7\"\n"},
	{name: "seed a word", text: head + "trains: {name: z}\nseed: seven\n"},
	{name: "number out of range", text: head + "trains: {name: x, seats: 501}\nships: {name: x, seats: 0}\n"},
	{name: "amounts", text: head + "trains: {name: x, price: -1}\nships: {name: x, price: 1e9}\n"},
	{name: "amount with a comma", text: head + "trains:\n  name: x\n  price: 12,5\nships: {name: x, price: 012}\n"},
	{name: "amount too exact", text: head + "trains: {name: x, price: 1.234}\nships: {name: x, price: 1000000000000}\n"},
	{name: "choice in small letters", text: head + "trains: {name: x, colour: red}\nships: {name: x, colour: DARKBLUE}\n"},
	{name: "choice that nobody knows", text: head + "trains: {name: x, colour: infrared-and-beyond}\nships: {name: x, colour: \"\"}\n"},
	{name: "choice of great length", text: head + "trains: {name: x, colour: " + strings.Repeat("RED", 100) + "}\n"},
	{name: "control characters in texts", text: "title: \"a\\tb\"\nstory: \"\\e[31m\"\ntrains: {name: \"a\\0b\"}\n"},
	{name: "durations", text: head + "trains: {name: x, wait: 1 s}\nships: {name: x, wait: -1s}\n"},
	{name: "duration with a long unit", text: head + "trains: {name: x, wait: 1sec}\nships: {name: x, wait: 5}\n"},
	{name: "duration with two points", text: head + "trains: {name: x, wait: 1.5.5s}\nships: {name: x, wait: 1,5s}\n"},
	{name: "duration too long", text: head + "trains: {name: x, wait: 99999999999h}\nships: {name: x, wait: 36501d}\n"},
	{name: "duration in the wrong order", text: head + "trains: {name: x, wait: 1s1d}\nships: {name: x, wait: 1m1m}\n"},
	{name: "magic without a reason", text: head + "trains: {name: x}\nmagic:\n  - {trains.ticket: T-1}\n  - {trains.ticket: T-2, why: }\n"},
	{name: "magic without a value", text: head + "trains: {name: x}\nmagic:\n  - {why: x}\n  - {}\n  - {trains.tiket: T-1, why: x}\n  - {trains.ticket: \"\", why: x}\n  -\n  - T-1\n"},
	{name: "two magic values in an item", text: head + "trains: {name: x}\nships: {name: x}\nmagic:\n  - {trains.ticket: T-1, ships.cabin: C-1, ships.deck: , why: x}\n"},
	{name: "magic value twice", text: head + "trains: {name: x}\nmagic:\n  - {trains.ticket: T-1, why: x}\n  - {trains.ticket: t-1, why: x}\n"},
	{name: "magic value for a section that is missing", text: head + "trains: {name: x}\nmagic:\n  - {ships.deck: D-1, why: x}\n"},
	{name: "file name in capitals", file: "scenarios/AllRejected.yaml", text: head + "trains: {name: x}\n"},
	{name: "file name with a space", file: "scenarios/all rejected.yml", text: head + "trains: {name: x}\n"},
	{name: "file name in Cyrillic", file: "отказ.yaml", text: head + "trains: {name: x}\n"},
	{name: "file name with two dashes", file: "all--rejected.yaml", text: head + "trains: {name: x}\n"},
	{name: "file of another kind", file: "story.txt", text: head + "trains: {name: x}\n"},
	{name: "all at once", file: "All at once.yaml", text: "titel: x\nseed: 0\nmagic:\n  - {trains.ticket: T-1}\ntrains:\n  name: [x\n  colour: blue\n  wait: 5\nships: {name: 'y}\nghost: 1\n"},
}

func TestMistakesOfYAML(t *testing.T) {
	t.Parallel()
	testMistakes(t, "testdata/yaml.golden", brokenYAML)
}

func TestMistakesOfStories(t *testing.T) {
	t.Parallel()
	testMistakes(t, "testdata/stories.golden", brokenStories)
}
