//! `bulkhead keygen`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Makes an Ed25519 key pair.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write the private key; the public one goes beside it.
    #[arg(long, value_name = "FILE", default_value = "key.pem")]
    pub out: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead keygen` is not built yet"))
}
