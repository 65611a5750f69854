//! `bulkhead describe`

use std::io::{self, Read as _};

use bulkhead_package::MAX_FILE_BYTES;
use bulkhead_sandbox::Author;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Hidden: the child that reads a contract out of a component, without keys.
///
/// The component comes on standard input, the contract goes to standard
/// output as the component told it; whoever asked reads it as a stranger's.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// It was built here, from source.
    #[arg(long)]
    own: bool,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let mut component = Vec::new();
    io::stdin().lock().take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut component)?;
    if component.len() > MAX_FILE_BYTES {
        return Err(Failure::new(Exit::REFUSED, format!("larger than {MAX_FILE_BYTES} bytes")));
    }
    let author = if args.own { Author::Own } else { Author::Stranger };
    let contract =
        bulkhead_sandbox::describe(&component, author).map_err(|error| Failure::from_error(Exit::REFUSED, &error))?;
    Ok(terminal.print(&contract)?)
}
