package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
)

// signFlags are what sign is asked for.
type signFlags struct {
	pair, explain string
	curl          bool
}

func (p Program) sign() *cobra.Command {
	c, f := &client{out: p.Out}, signFlags{}
	cmd := &cobra.Command{
		Use: "sign FILE", Short: "Print the sign of an import's body", Args: exactly(1, "the file with the body, or - for standard input"),
		Long: "Prints the sign of the bytes of FILE, or of standard input for -: what goes into the query parameter sign of an import.\n\n" +
			"With --explain it says how a sign that was refused was made. When a server is named as well, by --url, --port-file or --session,\n" +
			"the server says it: it knows all its partners and the bodies that came before in the session, and needs no password.",
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := p.read(args[0])
			if err != nil {
				return usage{fmt.Errorf("cannot read the body: %w", err), ""}
			}
			if f.explain != "" && slices.ContainsFunc([]string{"url", "port-file", "session"}, cmd.Flags().Changed) {
				code, _, _ := strings.Cut(f.pair, ":")
				return p.askWhy(cmd.Context(), c, signature{code, f.explain, body})
			}
			if c.asJSON {
				return usage{errors.New("--json prints a server's answer, and none is asked"), "name it with --url and give --explain"}
			}
			return f.run(p, c, args[0], body)
		},
	}
	c.sessionFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.pair, "partner", demoCode+":"+demoPassword, "CODE:PASSWORD of the partner")
	flags.StringVar(&f.explain, "explain", "", "a sign that was refused: say how it was made instead of printing the right one")
	flags.BoolVar(&f.curl, "curl", false, "print the whole curl command that sends the import")
	return cmd
}

// run signs a body, or explains its sign, without a server.
func (f *signFlags) run(p Program, c *client, file string, body []byte) error {
	code, password, err := importPartners().parse(f.pair)
	if err != nil {
		return usage{fmt.Errorf("--partner: %w", err), "write it as CODE:PASSWORD"}
	}
	if f.explain != "" {
		return p.explain(bordereau.Access{Passwords: map[string]string{code: password}}, code, f.explain, body)
	}
	sign := bordereau.Sign(body, password)
	if !f.curl {
		_, err = fmt.Fprintln(p.Out, sign)
		return err
	}
	base, err := c.server()
	if err != nil {
		return err
	}
	if c.session != defaultSession {
		base += "/s/" + url.PathEscape(c.session)
	}
	query := url.Values{"partnerCode": {code}, "sign": {sign}}
	_, err = fmt.Fprintf(p.Out, "curl -sS -H 'Content-Type: application/json' --data-binary %s %s\n", quote("@"+file), quote(base+"/api/v2/importBordereau?"+query.Encode()))
	return err
}

// explain says how a sign was made: exit code 0 when it is right, 1 when it is wrong.
func (p Program) explain(a bordereau.Access, code, sign string, body []byte) error {
	if sign == bordereau.Sign(body, a.Passwords[code]) {
		return p.sayWhy(true, nil)
	}
	return p.sayWhy(false, a.Explain(code, sign, body, nil))
}

func (p Program) sayWhy(right bool, mistakes []bordereau.Mistake) error {
	if right {
		_, err := fmt.Fprintln(p.Out, "the sign is right")
		return err
	}
	for _, m := range mistakes {
		fmt.Fprintf(p.Out, "%s: %s\n", m.ID, m.Text)
	}
	if len(mistakes) == 0 {
		fmt.Fprintln(p.Out, "unknown: the sign is of another body or another password, or made in a way that is not known")
	}
	return ended{exitFindings, "the sign is wrong"}
}

// signature is a sign that a server is asked about.
type signature struct {
	code, sign string
	body       []byte
}

// askWhy has a server say how a sign was made.
func (p Program) askWhy(ctx context.Context, c *client, s signature) error {
	question := pack(map[string]any{"partner_code": s.code, "sign": s.sign, "body_base64": s.body, "session": c.session})
	text, err := c.ask(ctx, http.MethodPost, "/signature/explain", question)
	if err != nil {
		return err
	}
	var answer struct {
		Right        bool
		PartnerKnown bool `json:"partner_known"`
		Mistakes     []bordereau.Mistake
	}
	if err := unpack(text, &answer); err != nil {
		return err
	}
	switch {
	case !c.asJSON && answer.PartnerKnown:
		return p.sayWhy(answer.Right, answer.Mistakes)
	case !c.asJSON:
		fmt.Fprintf(p.Out, "unknown-partner: the server knows no partner %s\n", s.code)
		return ended{exitFindings, "the sign is wrong"}
	}
	if _, err := c.out.Write(text); err != nil || answer.Right {
		return err
	}
	return ended{exitFindings, ""}
}

// read reads a file, or standard input for -.
func (p Program) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(p.In)
	}
	return os.ReadFile(name)
}

// quote writes a word so that a shell takes it as it is.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// exactly requires n arguments; what says which.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage{fmt.Errorf("%d arguments given, %d needed", len(args), n), "give " + what}
		}
		return nil
	}
}
