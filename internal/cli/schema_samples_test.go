package cli

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"poligon/internal/bordereau"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
	"poligon/scenarios"
)

// sample is a file of a story.
type sample struct{ name, text string }

func compiled(t testing.TB, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// held is what the schema says about a file; ok is false for a text that is no document of a story.
func held(t testing.TB, s *jsonschema.Schema, text string) (err error, ok bool) {
	t.Helper()
	asJSON, broken := scenario.JSON("sample.yaml", []byte(text))
	if broken != nil {
		return broken, false
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value), true
}

func parts(t testing.TB) []scenario.Part {
	t.Helper()
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		t.Fatal(err)
	}
	return simulator.Parts(apis)
}

// stories are good samples: the embedded scenarios, and whole stories that the docs show.
func stories(t testing.TB) (list []sample) {
	t.Helper()
	names, _ := fs.Glob(scenarios.Files, "*.yaml")
	for _, name := range names {
		text, err := fs.ReadFile(scenarios.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sample{name, string(text)})
	}
	docs, _ := filepath.Glob("../../docs/*.md")
	for _, name := range docs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile("(?s)```yaml\n(title:.*?)```").FindAllSubmatch(text, -1) {
			list = append(list, sample{name, string(found[1])})
		}
	}
	return list
}

func TestSchemaTakesStories(t *testing.T) {
	t.Parallel()
	s := compiled(t, generatedSchema(t))
	for _, story := range stories(t) {
		if err, ok := held(t, s, story.text); err != nil || !ok {
			t.Errorf("%s: %v", story.name, err)
		}
	}
}

// TestSchemaRefusesMistakes: what the readers refuse in their tests the schema refuses too, but for what a schema cannot say.
func TestSchemaRefusesMistakes(t *testing.T) {
	t.Parallel()
	s, readers, cannot, seen := compiled(t, generatedSchema(t)), parts(t), map[string]string{}, 0
	for name, why := range beyondSchema {
		cannot[name] = why
	}
	for _, bad := range badSamples(t) {
		if _, err := scenario.Read("bad.yaml", []byte(bad.text), readers); err == nil {
			continue // the test of one section knows no other
		}
		err, ok := held(t, s, bad.text)
		if !ok {
			continue // no editor needs a schema to see it
		}
		seen++
		_, excused := cannot[bad.name]
		delete(cannot, bad.name)
		switch {
		case err == nil && !excused:
			t.Errorf("the schema takes %q:\n%s", bad.name, bad.text)
		case err != nil && excused:
			t.Errorf("the schema can say what is wrong with %q: take it off the list", bad.name)
		}
	}
	if seen < 60 {
		t.Errorf("only %d samples were found", seen)
	}
	for name := range cannot {
		t.Errorf("there is no sample %q: take it off the list", name)
	}
}

// badSamples are the samples in the tests of the readers, which stand there as literals.
func badSamples(t testing.TB) (list []sample) {
	t.Helper()
	for _, source := range []struct{ file, variable, before string }{
		{"osago/script_test.go", "brokenScripts", ""},
		{"bordereau/script_test.go", "brokenScripts", ""},
		{"fault/mistakes_test.go", "wrong", "title: x\nstory: y\nbordereau: {}\nfaults:\n  - "},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "../"+source.file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		api, before := strings.Split(source.file, "/")[0], len(list)
		e := literals{file}
		elements, _ := e.named(source.variable).(*ast.CompositeLit)
		if elements == nil {
			t.Fatalf("%s has no list %s", source.file, source.variable)
		}
		for _, element := range elements.Elts {
			text := e.text(element)
			name := text
			if pair, ok := element.(*ast.CompositeLit); ok && len(pair.Elts) == 2 {
				name, text = e.text(pair.Elts[0]), e.text(pair.Elts[1])
			}
			if text != "" { // a call is not followed
				list = append(list, sample{api + ": " + name, source.before + text})
			}
		}
		if len(list) < before+10 {
			t.Errorf("%s: only %d samples could be read", source.file, len(list)-before)
		}
	}
	return list
}

// literals finds the values of constants and literals of a Go file.
type literals struct{ file *ast.File }

func (l literals) named(name string) (value ast.Expr) {
	ast.Inspect(l.file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == name && len(spec.Values) == 1 {
			value = spec.Values[0]
		}
		return value == nil
	})
	return value
}

// text is a constant text, "" of anything else.
func (l literals) text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.StringVal(constant.MakeFromLiteral(e.Value, e.Kind, 0))
	case *ast.Ident:
		return l.text(l.named(e.Name))
	case *ast.BinaryExpr:
		left, right := l.text(e.X), l.text(e.Y)
		if left != "" && right != "" {
			return left + right
		}
	}
	return ""
}
