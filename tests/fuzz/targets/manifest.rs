//! A contract and requests, in a manifest that states their digests as it should.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bulkhead_fuzz::manifest::holds(data));
