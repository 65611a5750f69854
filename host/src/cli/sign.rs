//! `bulkhead sign`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Adds a signature, packing a bare component first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plugin file or a bare component.
    pub file: PathBuf,
    /// The private key.
    #[arg(long, value_name = "KEY")]
    pub key: PathBuf,
    /// Where to write, if not in place.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead sign` is not built yet"))
}
