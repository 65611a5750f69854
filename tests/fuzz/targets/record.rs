//! A record of the server's, written to by somebody without its key.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(record);
