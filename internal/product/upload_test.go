package product_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Nothing that is uploaded names a file: what looks like a path is refused or is a name like any other, and no file is read or written.
func TestUploadsNameNoFiles(t *testing.T) {
	t.Parallel()
	p := start(t, setup{})
	dir := t.TempDir()
	bait := filepath.Join(dir, "bait.yaml")
	if err := os.WriteFile(bait, []byte("title: bait\nstory: bait\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	story := "title: a\nstory: b\nosago: {offers: {a: {insurer: А, steps: [CREATED]}}}\n"
	for _, name := range []string{bait, "../../../etc/passwd", "..", "/etc/passwd", "a/b", `a\b`, "file:///etc/passwd", "a\x00b", filepath.Join(dir, "new.yaml")} {
		p.do(t, call{method: "PUT", path: "/__admin/scenarios/" + url.PathEscape(name), body: []byte(story)}).refused(t, name)
		listed, _ := json.Marshal(map[string]any{"scenarios": []any{map[string]any{"name": name, "source": story}}})
		p.do(t, call{method: "POST", path: "/__admin/scenarios", header: jsonType, body: listed}).refused(t, name)
		chosen, _ := json.Marshal(map[string]any{"scenario": name})
		p.do(t, call{method: "PUT", path: "/__admin/sessions/chosen", header: jsonType, body: chosen}).refused(t, name)
	}
	// YAML has ways to name files in other programs.
	for _, body := range []string{"!include " + bait, "<<: !include " + bait, "title: !file " + bait + "\nstory: b\n", "title: ${file:" + bait + "}\nstory: b\nosago: !import " + bait + "\n", "%INCLUDE " + bait + "\n---\n" + story} {
		p.do(t, call{method: "PUT", path: "/__admin/scenarios/own", body: []byte(body)}).refused(t, body)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}

// refused says that an answer is a refusal that knows nothing of what is in a file.
func (a answer) refused(t *testing.T, what string) {
	t.Helper()
	if a.status < 400 || a.status >= 500 || strings.Contains(string(a.body), "title: bait") || strings.Contains(string(a.body), "root:") {
		t.Errorf("%q is answered %s", what, a)
	}
}
