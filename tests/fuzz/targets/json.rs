//! Arbitrary text as a plugin's JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::json::holds(data));
