//! `bulkhead builder`

use std::{io, path::PathBuf};

use super::exit::Failure;
use crate::forge;

/// Hidden: the child that builds for `bulkhead dev`, which itself starts no
/// programs once it serves.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The MCP Inspector may be asked for too.
    #[arg(long)]
    pub inspect: bool,
    /// The sources that it may be asked for.
    pub sources: Vec<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: &Args) -> Result<(), Failure> {
    Ok(forge::work(&args.sources, args.inspect, io::stdin().lock(), io::stdout().lock())?)
}
