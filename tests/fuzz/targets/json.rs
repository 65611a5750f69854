//! Arbitrary text as a plugin's JSON.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(json);
