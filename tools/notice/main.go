// Command notice writes Server Scout's NOTICE: every module that is linked
// into the binary, with its version, its licence and its copyright lines, the
// NOTICE of those that have one, and the licence texts that must travel along.
//
//	go run -C tools ./notice -C .. -o NOTICE ./cmd/scout
//
// It asks `go list -deps` what is linked and reads the licence files from the
// module cache. A licence that it does not recognise is an error, so that a
// dependency under unexpected terms is seen when it is added. The output
// depends only on go.mod and the packages named.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "notice:", err)
		os.Exit(1)
	}
}

// run writes the file only once everything that can fail has succeeded.
func run(args []string) error {
	flags := flag.NewFlagSet("notice", flag.ContinueOnError)
	dir := flags.String("C", ".", "folder of the module whose packages are named; relative names start here")
	output := flags.String("o", "", "file to write; empty for standard output")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("name the packages whose dependencies are to be listed, such as ./cmd/scout")
	}
	if err := os.Chdir(*dir); err != nil {
		return err
	}
	components, err := linked(flags.Args())
	if err != nil {
		return err
	}
	text := render(components)
	if *output == "" {
		_, err = os.Stdout.WriteString(text)
		return err
	}
	return os.WriteFile(*output, []byte(text), 0o644)
}
