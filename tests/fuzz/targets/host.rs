//! What a guest hands to its host's functions, in any order.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(host);
