package bordereau

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"poligon/internal/journal"
)

// Where a sign is held against the right one, the comparison takes the same time wherever they differ: every right sign that is
// made goes into same, and same is subtle.ConstantTimeCompare and nothing else.
func TestSignsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	compared, constant := 0, false
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		made, held := 0, 0
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "same" {
					constant = isConstantTime(n)
				}
			case *ast.CallExpr:
				if called(n) == "Sign" {
					made++
				}
				if called(n) == "same" && len(n.Args) == 2 {
					if right, ok := n.Args[1].(*ast.CallExpr); ok && called(right) == "Sign" {
						held++
					}
				}
			}
			return true
		})
		if made != held {
			t.Errorf("%s makes %d right signs and holds %d of them against one with same", name, made, held)
		}
		compared += held
	}
	if compared != 2 || !constant {
		t.Errorf("%d comparisons, want those of check and ExplainSign; in constant time: %t", compared, constant)
	}
}

// isConstantTime says whether a function is: return subtle.ConstantTimeCompare(…) == 1.
func isConstantTime(f *ast.FuncDecl) bool {
	if len(f.Body.List) != 1 {
		return false
	}
	back, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(back.Results) != 1 {
		return false
	}
	is, ok := back.Results[0].(*ast.BinaryExpr)
	if !ok || is.Op != token.EQL {
		return false
	}
	call, isCall := is.X.(*ast.CallExpr)
	one, isOne := is.Y.(*ast.BasicLit)
	return isCall && isOne && one.Value == "1" && called(call) == "subtle.ConstantTimeCompare"
}

// called is the name of what is called.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

// What is found out about a sign is noted for the journal, and how the request is answered follows from the note alone.
func TestAccessIsNoted(t *testing.T) {
	t.Parallel()
	body := `{"risks":[]}`
	right, wrong := digest(body, "secret"), digest("secret", body)
	for name, tt := range map[string]struct {
		mode     Signatures
		sign     string
		status   int
		code     string
		reason   bool
		mistakes []string
	}{
		"right":            {Enforce, right, 200, "", false, nil},
		"wrong":            {Enforce, wrong, 403, wrongSign, true, []string{"password-first"}},
		"wrong, old body":  {Enforce, digest("old", "secret"), 403, wrongSign, true, []string{"old-body"}},
		"unexplained":      {Enforce, digest("x"), 403, wrongSign, true, nil},
		"wrong and warned": {Warn, wrong, 200, "", true, []string{"password-first"}},
	} {
		p := newPlay(t, tt.mode, nil)
		p.earlier = [][]byte{[]byte("old")}
		run, w := p.send(tt.sign, body)
		got := run.Note.Access
		if w.Code != tt.status || got == nil || got.Code != tt.code || (got.Reason != "") != tt.reason || !slices.Equal(run.Note.Mistakes, tt.mistakes) {
			t.Errorf("%s: %d, %+v, %v", name, w.Code, got, run.Note.Mistakes)
		}
		// A replay knows no password, and need not be told the mode.
		for _, mode := range []Signatures{Enforce, Warn, Off} {
			again := newPlay(t, mode, nil)
			again.recorded = got
			replayed, v := again.send("no sign", body)
			if v.Code != w.Code || v.Body.String() != w.Body.String() || v.Header().Get("X-Poligon-Reason") != w.Header().Get("X-Poligon-Reason") || *replayed.Note.Access != *got {
				t.Errorf("%s, replayed where signatures are %s: %d %s", name, mode, v.Code, v.Body)
			}
		}
	}
	p := newPlay(t, Off, nil)
	if run, w := p.send(wrong, body); w.Code != 200 || run.Note.Access != nil {
		t.Errorf("off: %d, %+v", w.Code, run.Note.Access)
	}
	p = newPlay(t, Enforce, nil)
	p.recorded = &journal.Access{Code: wrongPartner, Reason: "once unknown"}
	if _, w := p.send(right, body); w.Code != 403 || !slices.Equal(codes(t, w), []string{wrongPartner}) {
		t.Errorf("a recorded refusal is answered with %d %s", w.Code, w.Body)
	}
}
