//! Arbitrary bytes, and sealed texts with bytes changed, as a state that a client brings back.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(seal);
