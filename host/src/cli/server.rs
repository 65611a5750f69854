//! Which server a client verb talks to.

use std::path::{Path, PathBuf};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::client::Client;

/// Which server a client verb talks to.
#[derive(Debug, clap::Args)]
pub struct Server {
    /// A running server's endpoint.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    pub url: Option<String>,
    /// A configuration, served for this one command over standard input and output.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The key to present to `--url`.
    #[arg(long, value_name = "KEY", env = "BULKHEAD_API_KEY", hide_env_values = true)]
    pub key: Option<String>,
}

/// The configuration of this folder, and the endpoint of a server with nothing
/// configured.
const HERE: &str = "mcp.yaml";
const DEFAULT_URL: &str = "http://127.0.0.1:8080/mcp";

impl Server {
    /// Opens a conversation: with `--url`, else with `--config`, else with what
    /// `./mcp.yaml` configures, else with a server on this machine.
    ///
    /// # Errors
    /// Nobody answers.
    pub fn client(&self, terminal: &Terminal) -> Result<Client, Failure> {
        let here = Path::new(HERE);
        let client = match (&self.url, &self.config) {
            (Some(url), _) => Client::connect(url, self.key.as_deref()),
            (None, Some(config)) if !config.is_file() => {
                return Err(Failure::new(Exit::CONFIG, format!("{}: no such file", config.display())));
            }
            (None, Some(config)) => Client::spawn(config, terminal.verbose),
            (None, None) if here.is_file() => Client::spawn(here, terminal.verbose),
            (None, None) => Client::connect(DEFAULT_URL, self.key.as_deref()),
        };
        Ok(client?)
    }
}
