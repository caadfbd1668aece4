package main

import (
	"context"

	"serverscout/internal/app/terminal"
)

type statusPagesCmd struct {
	List       statusPagesListCmd       `cmd:"" help:"List status pages, oldest first."`
	Show       statusPagesShowCmd       `cmd:"" help:"Show a status page and the notes on it."`
	Add        statusPagesAddCmd        `cmd:"" help:"Add a status page."`
	Change     statusPagesChangeCmd     `cmd:"" help:"Change a status page."`
	Delete     statusPagesDeleteCmd     `cmd:"" aliases:"remove" help:"Delete a status page with its notes."`
	Note       statusPagesNoteCmd       `cmd:"" help:"Put a note on a status page."`
	DeleteNote statusPagesDeleteNoteCmd `cmd:"" help:"Take a note off a status page."`
}

type statusPagesListCmd struct {
	remote
	limited
}

// Run lists status pages.
func (c statusPagesListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ListStatusPages(ctx, c.Limit) })
}

// oneStatusPage names a status page.
type oneStatusPage struct {
	remote
	Page string `arg:"" help:"The status page's id or slug." complete:"@status-page"`
}

type statusPagesShowCmd struct{ oneStatusPage }

// Run shows a status page.
func (c statusPagesShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowStatusPage(ctx, c.Page) })
}

// statusPageKeys are the keys of a status page that have a flag.
type statusPageKeys struct {
	Slug   string   `help:"Its place in the address, /status/SLUG; without it, made of the title." placeholder:"SLUG"`
	Access string   `help:"Who may look: public for everybody, link for who has the link." placeholder:"ACCESS" complete:"public,link"`
	Group  []string `sep:"none" help:"A group of what it shows: NAME=everything, or NAME= and server:NAME, tag:TAG, check:NAME with commas; repeatable." placeholder:"GROUP"`
	Set    []string `sep:"none" help:"Another key; repeatable." complete:"@status-page-key=" placeholder:"KEY=VALUE"`
}

// edits are these keys, and the title.
func (k statusPageKeys) edits(title string) (terminal.Edits, error) {
	keys := filled(map[string]string{"title": title, "slug": k.Slug, "access": k.Access})
	groups, err := terminal.StatusGroups(k.Group)
	if len(groups) > 0 {
		keys["groups"] = groups
	}
	return terminal.Edits{Keys: keys, Set: k.Set}, err
}

type statusPagesAddCmd struct {
	remote
	Title string `arg:"" help:"What stands at the top of the page."`
	statusPageKeys
}

// Help is printed below the flags.
func (statusPagesAddCmd) Help() string {
	return `Examples:

    scout status-pages add 'Our services' --group 'Web sites=tag:web' --group 'Mail=server:mail-01,check:SMTP'
    scout status-pages add Inside --access link --group 'All=everything' --set show_messages=true`
}

// Run adds a status page.
func (c statusPagesAddCmd) Run(screen *terminal.Screen) error {
	edits, err := c.edits(c.Title)
	if err != nil {
		return err
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.AddStatusPage(ctx, edits) })
}

type statusPagesChangeCmd struct {
	oneStatusPage
	Title string `help:"Its new title."`
	statusPageKeys
	Unset []string `help:"A key to return to its default; repeatable." complete:"@status-page-key" placeholder:"KEY"`
}

// Help is printed below the flags.
func (statusPagesChangeCmd) Help() string {
	return `Groups that are given take the place of all that there were.`
}

// Run changes a status page.
func (c statusPagesChangeCmd) Run(screen *terminal.Screen) error {
	edits, err := c.edits(c.Title)
	if err != nil {
		return err
	}
	edits.Unset = c.Unset
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ChangeStatusPage(ctx, c.Page, edits) })
}

type statusPagesDeleteCmd struct{ oneStatusPage }

// Run deletes a status page.
func (c statusPagesDeleteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteStatusPage(ctx, c.Page) })
}

type statusPagesNoteCmd struct {
	oneStatusPage
	Text     string `arg:"" help:"What to tell those who look at the page."`
	Incident string `help:"The incident it is about; without it, the note is about the page as a whole." placeholder:"ID"`
}

// Run puts a note on a status page.
func (c statusPagesNoteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.AddStatusNote(ctx, c.Page, c.Incident, c.Text)
	})
}

type statusPagesDeleteNoteCmd struct {
	oneStatusPage
	Note int64 `arg:"" help:"The note's id; show lists them."`
}

// Run takes a note off a status page.
func (c statusPagesDeleteNoteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteStatusNote(ctx, c.Page, c.Note) })
}
