//! `bulkhead completions SHELL`

use clap::CommandFactory as _;

use super::{CommandLine, exit::Failure, terminal::Terminal};

/// Prints completions for a shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which shell.
    pub shell: clap_complete::Shell,
}

/// Prints the completions to standard output.
///
/// # Errors
/// Standard output is closed.
pub fn run(args: &Args, terminal: &Terminal) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut CommandLine::command(), "bulkhead", &mut script);
    terminal.print(String::from_utf8_lossy(&script).trim_end())?;
    Ok(())
}
