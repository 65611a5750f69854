//! Nothing: what is wanted is libFuzzer itself, which the dependency builds from source.
