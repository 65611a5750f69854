//! A contract and requests, in a manifest that states their digests as it should.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(manifest);
