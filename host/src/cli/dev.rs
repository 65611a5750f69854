//! `bulkhead dev`

use std::{net::SocketAddr, path::PathBuf};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Builds, signs and serves plugins from their sources, and again on every save.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A source folder, a folder of them, or a `.wasm`.
    #[arg(default_value = "plugins/")]
    pub paths: Vec<PathBuf>,
    /// Where to listen; the next free port is taken if this one is in use.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Serve standard input and output instead.
    #[arg(long)]
    pub stdio: bool,
    /// Open the MCP Inspector if there is one.
    #[arg(long)]
    pub inspect: bool,
    /// Grant something to every plugin that asks for it, such as `http=https://host/v1/*`.
    #[arg(long, value_name = "GRANT", num_args = 1..)]
    pub grant: Vec<String>,
    /// Answer yes to every question.
    #[arg(long)]
    pub yes: bool,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead dev` is not built yet"))
}
