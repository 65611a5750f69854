//! `bulkhead remove`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Takes a plugin out of the configuration and the lock.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The entry's name.
    pub name: String,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead remove` is not built yet"))
}
