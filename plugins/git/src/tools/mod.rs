//! The tools.

mod change;
mod look;

pub(crate) use change::*;
pub(crate) use look::*;
