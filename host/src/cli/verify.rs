//! `bulkhead verify`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Says whether a file would be loaded.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plugin file, or a server's `https://` address.
    pub file: String,
    /// A public key to trust.
    #[arg(long, value_name = "KEY", num_args = 1..)]
    pub key: Vec<PathBuf>,
    /// Trust what this configuration trusts.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub config: Option<PathBuf>,
    /// The manifest digest to expect of a server.
    #[arg(long, value_name = "DIGEST")]
    pub expect: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead verify` is not built yet"))
}
