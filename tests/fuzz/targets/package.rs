//! Arbitrary bytes as a plugin file.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(package);
