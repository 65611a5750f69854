//! Requests over HTTP, with header fields that agree and that do not.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::headers::holds(data));
