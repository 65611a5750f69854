//! Arbitrary text as what a plugin says.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(screen);
