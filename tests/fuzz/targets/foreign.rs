//! Components of strangers, and JSON of their types.
#![cfg_attr(fuzzing, no_main)]

bulkhead_fuzz::target!(foreign);
