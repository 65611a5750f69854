//! What a guest asks of the host, and what a caller asks of a plugin, against grants and scopes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::policy::holds(data));
