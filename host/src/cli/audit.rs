//! `bulkhead audit`

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Reads the record. (Not built yet.)
#[derive(Debug, clap::Args)]
pub struct Args {
    /// verify, tail, export or unused.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub what: Vec<String>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead audit` is not built yet"))
}
