package store

// Describe returns what a manifest says of a file.
var Describe = describe
