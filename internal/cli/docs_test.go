package cli

import (
	"os"
	"regexp"
	"testing"

	"poligon/internal/bordereau"
	"poligon/internal/scenario"
	"poligon/internal/simulator"
)

// TestStoriesOfTheDocs reads every whole story that docs/scenarios.md shows: it has no mistakes, and there is nothing to warn of.
func TestStoriesOfTheDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		t.Fatal(err)
	}
	stories := regexp.MustCompile("(?s)```yaml\n(title:.*?)```").FindAllSubmatch(text, -1)
	if len(stories) == 0 {
		t.Error("the document shows no story")
	}
	for _, story := range stories {
		read, err := scenario.Read("docs.yaml", story[1], simulator.Parts(apis))
		if err != nil || len(read.Warnings) > 0 {
			t.Errorf("%s\n%v\n%v", story[1], err, read.Warnings)
		}
	}
}
