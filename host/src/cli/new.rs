//! `bulkhead new`

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Begins a plugin in a folder of its own.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plugin's name.
    pub name: String,
    /// rust, ts, js, python, go or c.
    #[arg(long, default_value = "rust")]
    pub lang: String,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead new` is not built yet"))
}
