package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"poligon/internal/scenario"
	"poligon/internal/session"
	"poligon/internal/simulator"
)

// watchEvery is how often a folder of scenarios is looked at.
const watchEvery = 300 * time.Millisecond

// watcher has a server load its scenarios again when the files of a folder change.
//
// It looks at the folder again and again, and asks the operating system for no notification: editors write a new file and rename it
// over the old one, which leaves a watch of that file watching nothing; and a folder that is mounted from a network, or into a
// container or a virtual machine, may send no notification at all.
type watcher struct {
	state  func() string // of the folder: it differs when a file does
	load   func() (*scenario.Library, error)
	change func(list []*scenario.Scenario, without []string) (session.Changed, error)
	bad    func(error) // is told what is wrong with files, once

	loaded *scenario.Library // from the files that were good
	seen   string            // the state at the last look
	tried  string            // the state that was loaded
	said   string            // what was wrong with it; empty for nothing
}

// look is one look at the folder. A state has to be seen twice, so that no file is read while it is being written.
func (w *watcher) look() {
	state := w.state()
	if state != w.seen || state == w.tried {
		w.seen = state
		return
	}
	lib, err := w.load()
	if w.state() != state { // files were changed while they were read
		return
	}
	w.tried = state
	if err == nil {
		err = w.take(lib)
	}
	if err == nil {
		w.said = ""
	} else if text := err.Error(); text != w.said {
		w.said = text
		w.bad(err)
	}
}

// take has the server play what is new in the files.
func (w *watcher) take(lib *scenario.Library) error {
	list, without := w.loaded.Changes(lib)
	if len(list)+len(without) > 0 {
		done, err := w.change(list, without)
		if err != nil {
			return err
		}
		slog.Info("scenarios loaded again", "changed", strings.Join(done.Changed, ", "), "removed", strings.Join(done.Removed, ", "))
		for _, warning := range warnings(list) {
			slog.Warn("a scenario has a warning", "lint", warning.Error())
		}
	}
	w.loaded = lib
	return nil
}

func warnings(list []*scenario.Scenario) (found scenario.Mistakes) {
	for _, s := range list {
		found = append(found, s.Warnings...)
	}
	return found
}

// run looks at every tick until the context ends.
func (w *watcher) run(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			w.look()
		}
	}
}

// watching has a simulator follow the folder of its scenarios until it is stopped.
func (f *serveFlags) watching(ctx context.Context, sim *simulator.Simulator, out io.Writer) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{loaded: sim.Library, bad: f.saysBroken(out),
		state: func() string { return stateOf(f.scenarios) },
		load: func() (*scenario.Library, error) {
			return simulator.Load(sim.APIs, scenario.Source{Name: f.scenarios, Files: os.DirFS(f.scenarios)})
		},
		change: func(list []*scenario.Scenario, without []string) (session.Changed, error) {
			return sim.Registry.Change(ctx, list, without)
		}}
	ticker, done := time.NewTicker(watchEvery), make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx, ticker.C)
	}()
	return func() {
		cancel()
		ticker.Stop()
		<-done
	}
}

// saysBroken logs what is wrong with scenarios. In a log of lines for people, what poligon lint would print follows as it is.
func (f *serveFlags) saysBroken(out io.Writer) func(error) {
	const message = "the scenarios are broken: nothing has changed, sessions play what was loaded before"
	return func(err error) {
		if f.logFormat == "json" {
			slog.Error(message, "lint", err.Error())
			return
		}
		slog.Error(message)
		if slog.Default().Enabled(context.Background(), slog.LevelError) {
			_, _ = fmt.Fprintln(out, err) // what fails here is the log
		}
	}
}

// stateOf are the names, sizes and times of a folder's scenario files.
func stateOf(folder string) string {
	list, err := os.ReadDir(folder)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, entry := range list {
		if ext := strings.ToLower(filepath.Ext(entry.Name())); ext != ".yaml" && ext != ".yml" {
			continue
		}
		info, err := os.Stat(filepath.Join(folder, entry.Name())) // of what a link leads to
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			fmt.Fprintln(&b, err)
			continue
		}
		fmt.Fprintln(&b, entry.Name(), info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}
