package cli

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"poligon/internal/bordereau"
	"poligon/internal/scenario"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// folder is a folder of scenario files as a watcher sees it, and what came of looking at it.
type folder struct {
	*watcher
	files   fstest.MapFS
	version int // counts writes
	told    []string
	whileIt func() // happens while it is read
}

const watched = `title: %s
story: What a test plays.
osago: {offers: {alfa: {insurer: {code: 1, name: A}, steps: [CREATED]}}}
bordereau: {}
`

func (f *folder) write(name, title string) {
	f.files[name] = &fstest.MapFile{Data: fmt.Appendf(nil, watched, title)}
	f.version++
}

func watchedFolder(t *testing.T) *folder {
	t.Helper()
	apis, err := simulator.APIs(bordereau.Access{}, false)
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{files: fstest.MapFS{}}
	f.write("default.yaml", "first")
	load := func() (*scenario.Library, error) {
		if f.whileIt != nil {
			f.whileIt()
		}
		return scenario.Load(simulator.Parts(apis), scenario.Source{Name: "s", Files: f.files})
	}
	lib, err := load()
	if err != nil {
		t.Fatal(err)
	}
	f.watcher = &watcher{loaded: lib, load: load, state: func() string { return fmt.Sprint(f.version) },
		change: func(list []*scenario.Scenario, without []string) (done session.Changed, err error) {
			for _, s := range list {
				f.told = append(f.told, s.Name+": "+s.Title)
				if s.Title == "refused" {
					return done, errors.New("refused")
				}
			}
			for _, name := range without {
				f.told = append(f.told, "no "+name)
			}
			return done, nil
		},
		bad: func(error) { f.told = append(f.told, "bad") }}
	return f
}

// saw checks what has come of n looks.
func (f *folder) saw(t *testing.T, n int, want ...string) {
	t.Helper()
	f.told = nil
	for range n {
		f.look()
	}
	if !slices.Equal(f.told, want) {
		t.Errorf("it told %q, not %q", f.told, want)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	f := watchedFolder(t)
	f.saw(t, 3)
	f.write("mine.yaml", "one")
	f.saw(t, 1) // it may be half written
	f.write("mine.yaml", "two")
	f.saw(t, 1)
	f.saw(t, 5, "mine: two")
	f.write("mine.yaml", "two")
	f.saw(t, 5) // touched, not changed
	f.files["mine.yaml"] = &fstest.MapFile{Data: []byte("title: broken\n")}
	f.version++
	f.saw(t, 5, "bad")
	f.version++
	f.saw(t, 5) // the same mistakes are told once
	f.write("default.yaml", "second")
	f.saw(t, 5) // still
	f.write("mine.yaml", "three")
	f.saw(t, 5, "default: second", "mine: three")
	delete(f.files, "mine.yaml")
	f.version++
	f.saw(t, 5, "no mine")
	f.write("mine.yaml", "refused")
	f.saw(t, 5, "mine: refused", "bad")
	f.write("mine.yaml", "four")
	f.saw(t, 5, "mine: four")
}

// A file that is changed while the folder is read is read again.
func TestWatchReadsNoHalf(t *testing.T) {
	t.Parallel()
	f := watchedFolder(t)
	f.write("mine.yaml", "one")
	f.whileIt = func() {
		f.whileIt = nil
		f.write("mine.yaml", "two")
	}
	f.saw(t, 2)
	f.saw(t, 2, "mine: two")
}
