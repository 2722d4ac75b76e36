package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"poligon/internal/bordereau"
)

func (p Program) sign() *cobra.Command {
	var (
		pair, base, explain, session string
		curl                         bool
	)
	cmd := &cobra.Command{
		Use: "sign FILE", Short: "Print the sign of an import's body", Args: exactly(1, "the file with the body, or - for standard input"),
		Long: "Prints the sign of the bytes of FILE, or of standard input for -: what goes into the query parameter sign of an import.",
		RunE: func(cmd *cobra.Command, args []string) error {
			code, password, err := parsePartner(pair)
			if err != nil {
				return usage{fmt.Errorf("--partner: %w", err), "write it as CODE:PASSWORD"}
			}
			body, err := p.read(args[0])
			if err != nil {
				return usage{fmt.Errorf("cannot read the body: %w", err), ""}
			}
			if explain != "" && session != "" {
				return p.askWhy(cmd.Context(), &client{base: base, out: p.Out}, signature{code, explain, body, session})
			}
			if explain != "" {
				return p.explain(bordereau.Access{Passwords: map[string]string{code: password}}, code, explain, body)
			}
			sign := bordereau.Sign(body, password)
			if curl {
				query := url.Values{"partnerCode": {code}, "sign": {sign}}
				_, err = fmt.Fprintf(p.Out, "curl -sS -H 'Content-Type: application/json' --data-binary %s %s\n",
					quote("@"+args[0]), quote(strings.TrimSuffix(base, "/")+"/api/v2/importBordereau?"+query.Encode()))
				return err
			}
			_, err = fmt.Fprintln(p.Out, sign)
			return err
		},
	}
	cmd.Flags().StringVar(&pair, "partner", demoCode+":"+demoPassword, "CODE:PASSWORD of the partner")
	cmd.Flags().StringVar(&explain, "explain", "", "a sign that was refused: say how it was made instead of printing the right one")
	cmd.Flags().BoolVar(&curl, "curl", false, "print the whole curl command that sends the import")
	cmd.Flags().StringVar(&base, "url", "http://127.0.0.1:8080", "base URL for --curl and --session")
	cmd.Flags().StringVar(&session, "session", "", "with --explain: ask the server of --url, which knows its partners and this session's earlier bodies")
	return cmd
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
	session    string
}

// askWhy has a server say how a sign was made.
func (p Program) askWhy(ctx context.Context, c *client, s signature) error {
	question := pack(map[string]any{"partner_code": s.code, "sign": s.sign, "body_base64": s.body, "session": s.session})
	text, err := c.ask(ctx, http.MethodPost, "/signature/explain", question)
	if err != nil {
		return err
	}
	var answer struct {
		Right    bool
		Mistakes []bordereau.Mistake
	}
	if err := unpack(text, &answer); err != nil {
		return err
	}
	return p.sayWhy(answer.Right, answer.Mistakes)
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
