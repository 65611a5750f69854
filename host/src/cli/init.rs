//! `bulkhead init`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Writes a first configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to begin in.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead init` is not built yet"))
}
