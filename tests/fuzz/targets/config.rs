//! Arbitrary text as `mcp.yaml`.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(config);
