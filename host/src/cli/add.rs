//! `bulkhead add`

use std::path::PathBuf;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};

/// Adds a plugin: shows it, asks for each grant, writes key, entry and lock.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file, an `https://` address or an `oci://` reference.
    pub source: String,
    /// What to grant, such as `fs=./data:/data:ro` or `http=https://api.example.com/v1/*`.
    #[arg(long, value_name = "GRANT", num_args = 1..)]
    pub grant: Vec<String>,
    /// The entry's name, if not the plugin's own.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// The signer's public key, if it is not trusted yet.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(_args: Args, _terminal: &Terminal) -> Result<(), Failure> {
    Err(Failure::new(Exit::NOT_BUILT, "`bulkhead add` is not built yet"))
}
