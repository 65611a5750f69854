//! Requests over HTTP, with header fields that agree and that do not.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(headers);
