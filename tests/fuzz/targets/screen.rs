//! Arbitrary text as what a plugin says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::screen::holds(data));
