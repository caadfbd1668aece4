package store

// EmptyFolder makes a data folder in which nothing was ever done.
var EmptyFolder = emptyFolder

// Describe returns what a manifest says of a file.
var Describe = describe
