//! Arbitrary bytes, and sealed texts with bytes changed, as a state that a client brings back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::seal::holds(data));
