//! `bulkhead health`

use std::path::PathBuf;

use bulkhead_package::display::safe;

use super::{
    exit::{Exit, Failure},
    runtime::block_on,
    terminal::Terminal,
};
use crate::{client::probe, config::Config};

/// Asks the server of a configuration, at its admin listener, whether it is ready: for health checks.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// It is not ready, or nobody answers.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let config = Config::load(&args.config)?;
    let Some(admin) = config.admin else {
        let text = "there is no admin listener to ask; add to mcp.yaml: admin: {listen: \"127.0.0.1:9090\"}";
        return Err(Failure::new(Exit::CONFIG, text));
    };
    let (ready, page) = block_on(probe::ready(admin.listen))??;
    let lines: Vec<_> = page.lines().map(safe).collect();
    if ready { Ok(terminal.print(&lines.join("\n"))?) } else { Err(Failure::new(Exit::UNREACHABLE, lines.join("; "))) }
}
