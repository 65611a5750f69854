//! `bulkhead list`

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Lists what is served.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// tools, resources, prompts or plugins.
    #[arg(default_value = "tools")]
    pub what: String,
    #[command(flatten)]
    pub server: super::Server,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead list` is not built yet"))
}
