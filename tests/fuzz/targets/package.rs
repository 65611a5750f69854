//! Arbitrary bytes as a plugin file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::package::holds(data));
