//! `bulkhead build`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Builds a source folder into a plugin file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The source folder.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Sign with this private key.
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Where to write, if not `NAME.wasm` in the folder.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead build` is not built yet"))
}
