//! Nothing: every guest is a file of its own, built as an example of this package.
