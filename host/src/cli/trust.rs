//! `bulkhead trust`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Trusts a key for the plugins that it may sign.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A public key: a PEM file, or the base64 of its SPKI.
    pub key: String,
    /// Names of plugins that the key may sign, such as `weather` or `acme-*`.
    #[arg(long, value_name = "PATTERN", num_args = 1.., required = true)]
    pub plugins: Vec<String>,
    /// What to call the key.
    #[arg(long, value_name = "NAME")]
    pub id: Option<String>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead trust` is not built yet"))
}
