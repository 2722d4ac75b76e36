package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// defaultSession is the session of a command that names none.
const defaultSession = "default"

// client is a command's connection to the admin API of a running server.
type client struct {
	connection
	session    string
	adminToken string
	asJSON     bool
	out        io.Writer
}

// flags are those that every command has that asks a server.
func (c *client) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	c.connection.flags(flags)
	flags.StringVar(&c.adminToken, "admin-token", "", "token of the server's admin API, if it wants one")
	flags.BoolVar(&c.asJSON, "json", false, "print the server's answer as it is")
}

// sessionFlags are flags, and the session that the command is about.
func (c *client) sessionFlags(cmd *cobra.Command) {
	c.flags(cmd)
	cmd.Flags().StringVar(&c.session, "session", defaultSession, "session that it is about")
}

// of is a path about the session.
func (c *client) of(path string) string { return "/sessions/" + url.PathEscape(c.session) + path }

// problem is what the admin API says of a mistake.
type problem struct {
	Detail, Hint string
	Errors       []struct{ Pointer, Expected, Actual, Message string }
}

// Error is what is wrong, and the places that are.
func (p problem) Error() string {
	text := p.Detail
	for _, e := range p.Errors {
		if e.Message != "" { // of a scenario file: the detail says it
			continue
		}
		text += "\n  at " + orDefault(e.Pointer, "the body as a whole")
		for _, more := range []string{e.Actual, e.Expected} {
			if more != "" {
				text += ": " + more
			}
		}
	}
	return text
}

// open sends a request and gives the answer when it is no mistake. What the server says of a mistake of the user ends the
// program with code 2; a server that cannot be reached, or that fails, with code 3.
func (c *client) open(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	base, err := c.server()
	if err != nil {
		return nil, err
	}
	through, err := c.client()
	if err != nil {
		return nil, err
	}
	where := base + "/__admin" + path
	req, err := http.NewRequestWithContext(ctx, method, where, bytes.NewReader(body))
	if err != nil {
		return nil, usage{err, ""}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.adminToken != "" {
		req.Header.Set("Authorization", "Bearer "+c.adminToken)
	}
	resp, err := through.Do(req)
	if err != nil {
		return nil, ended{exitNoVerdict, fmt.Sprintf("no answer from the server: %v; %s", err, orDefault(cure(err), "start one with poligon serve, or name it with --url"))}
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	var p problem
	if json.Unmarshal(text, &p) != nil || p.Detail == "" {
		p = problem{Detail: fmt.Sprintf("%s answers %s, which is no answer of Poligon's", where, resp.Status), Hint: "is this the server? --url names it"}
	}
	if strings.Contains(string(text), plainly) {
		p = problem{Detail: "the server speaks TLS", Hint: "write https:// in --url, and name its authority with --ca FILE"}
	}
	if resp.StatusCode < http.StatusInternalServerError {
		return nil, usage{p, p.Hint}
	}
	return nil, ended{exitNoVerdict, strings.TrimSuffix(p.Error()+"\nhint: "+p.Hint, "\nhint: ")}
}

// ask sends a request and reads the whole answer.
func (c *client) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	resp, err := c.open(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, ended{exitNoVerdict, fmt.Sprintf("the server's answer broke off: %v", err)}
	}
	return text, nil
}

// show asks, and prints the answer: as it is with --json, else as a person reads it.
func show[T any](ctx context.Context, c *client, method, path string, body []byte, print func(io.Writer, T) error) error {
	text, err := c.ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	if c.asJSON {
		_, err = c.out.Write(text)
		return err
	}
	var value T
	if err := unpack(text, &value); err != nil {
		return err
	}
	return print(c.out, value)
}

// remove deletes, and prints a word when it is done; nothing with --json, for there is nothing in the server's answer.
func (c *client) remove(ctx context.Context, path, word string) error {
	if _, err := c.ask(ctx, http.MethodDelete, path, nil); err != nil || c.asJSON {
		return err
	}
	_, err := fmt.Fprintln(c.out, word)
	return err
}

// pack writes a body. What it is made of can be written as JSON.
func pack(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}

// save writes to a file, or to the command's output for none.
func (c *client) save(name string, text []byte) error {
	if name == "" || name == "-" {
		_, err := c.out.Write(text)
		return err
	}
	if err := os.WriteFile(name, text, 0o600); err != nil { // it may hold personal data
		return usage{fmt.Errorf("cannot write the file: %w", err), ""}
	}
	_, err := fmt.Fprintf(c.out, "%s: %d bytes\n", name, len(text))
	return err
}

// unpack reads the server's answer.
func unpack(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return ended{exitNoVerdict, fmt.Sprintf("the server's answer cannot be read: %v; is it another version?", err)}
	}
	return nil
}
