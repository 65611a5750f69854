//! `bulkhead serve`

use std::{net::SocketAddr, path::PathBuf};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Serves a configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
    /// Where to listen instead of the configuration's `host` and `port`; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Serve standard input and output, and HTTP only if `--listen` is given too.
    #[arg(long)]
    pub stdio: bool,
    /// Load only what the lock names, and write nothing beside the configuration.
    #[arg(long)]
    pub locked: bool,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead serve` is not built yet"))
}
