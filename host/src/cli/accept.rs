//! `bulkhead accept`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Accepts a plugin that waits, after showing what changed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The entry's name.
    pub plugin: String,
    /// Accept only this digest.
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead accept` is not built yet"))
}
