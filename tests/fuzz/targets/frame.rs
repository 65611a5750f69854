//! Arbitrary bytes as one frame.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::frame::holds(data));
