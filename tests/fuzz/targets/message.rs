//! Proper requests, whole and damaged.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::message::holds(data));
