//! What a plugin can touch, one file each, with the same steps: what was
//! granted, how it is linked, what one call keeps of it.
//!
//! **Invariant:** without a grant every function of a capability denies; it
//! never guesses, and it says to the operator what was wanted.

pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod env;
pub(crate) mod fs;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod logging;
pub(crate) mod notes;
pub(crate) mod random;
pub(crate) mod reach;
pub(crate) mod stdio;
pub(crate) mod tcp;
pub(crate) mod witness;
