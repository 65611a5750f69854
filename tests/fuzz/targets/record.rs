//! A record of the server's, written to by somebody without its key.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::record::holds(data));
