//! Proper requests, whole and damaged.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(message);
