package integration

// Preview is a message as its target shows it, without the target's markup.
// Everything in it is plain text, to be escaped by whoever draws it.
type Preview struct {
	Colour string      // of the bar or the frame, "#RRGGBB"; "" for none
	Title  string      // the first and largest line
	Text   string      // the sentence below it
	Notes  []string    // small print between text and fields, such as how late it is
	Fields [][2]string // label and value
	Footer []string
	Link   string // where the message leads; "" for nowhere
}
