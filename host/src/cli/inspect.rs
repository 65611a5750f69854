//! `bulkhead inspect`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Shows everything about a plugin file, and runs nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plugin file or a bare component.
    pub file: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead inspect` is not built yet"))
}
