//! What a guest asks of the host, and what a caller asks of a plugin, against grants and scopes.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(policy);
