//! `bulkhead client-config`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Prints the entry for a client's configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The client, such as `claude-desktop`.
    pub client: String,
    /// Write it into this client's configuration instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// The configuration that the client's server reads.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead client-config` is not built yet"))
}
