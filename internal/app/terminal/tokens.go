package terminal

import (
	"context"
	"strconv"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
)

// ListTokens prints tokens, oldest first.
func (s *Session) ListTokens(ctx context.Context, limit int) error {
	found, err := s.API.Tokens(ctx, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "tokens", []column[client.Token]{
		{title: "ID", cell: func(v client.Token) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "NAME", cell: func(v client.Token) string { return v.Name }},
		{title: "ROLE", cell: func(v client.Token) string { return v.Role }},
		{title: "CREATED", cell: func(v client.Token) string { return moment(v.CreatedAt) }},
	})
}

// CreateToken makes a token and prints its text and nothing else, so that it
// can be put into a variable.
func (s *Session) CreateToken(ctx context.Context, name, role string) error {
	v, err := s.API.CreateToken(ctx, map[string]any{"name": name, "role": role})
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(v.JSON)
	}
	s.Screen.printf("%s\n", line(v.Value.Text))
	return nil
}

// ChangeToken changes a token's name or role.
func (s *Session) ChangeToken(ctx context.Context, ref string, e Edits) error {
	patch, err := e.object(manage.TokenFields())
	if err != nil {
		return err
	}
	v, err := s.token(ctx, ref)
	if err != nil {
		return err
	}
	send := func(ctx context.Context, id int64, _ string, patch map[string]any) (client.Answer[client.Token], error) {
		return s.API.ChangeToken(ctx, id, patch)
	}
	if v, err = change(ctx, v.Value.ID, patch, s.API.Token, send); err != nil {
		return err
	}
	return done(s, v, "Token %s is changed: its role is %s.", v.Value.Name, v.Value.Role)
}

// DeleteToken ends what a token is good for.
func (s *Session) DeleteToken(ctx context.Context, ref string) error {
	v, err := s.token(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteToken(ctx, v.Value.ID); err != nil {
		return err
	}
	return s.gone("Token %s is deleted.", v.Value.Name)
}

// ShowEgress prints which addresses webhook requests come from.
func (s *Session) ShowEgress(ctx context.Context) error {
	v, err := s.API.Egress(ctx)
	if err != nil {
		return err
	}
	return printRecord(s, v.JSON, []string{"source_addresses", "proxy", "limits"})
}
