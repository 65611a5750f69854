//! Arbitrary bytes as one frame.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(frame);
