//! `bulkhead call`

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Calls a tool from the shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tool, as `prefix.tool` or as it is listed.
    pub tool: String,
    /// Its arguments, a JSON object.
    #[arg(default_value = "{}")]
    pub arguments: String,
    #[command(flatten)]
    pub server: super::Server,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead call` is not built yet"))
}
