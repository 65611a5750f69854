//! `bulkhead describe`

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Hidden: the child that reads a contract out of a component, without keys.
#[derive(Debug, clap::Args)]
pub struct Args {
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead describe` is not built yet"))
}
