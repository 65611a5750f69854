//! `bulkhead init`

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::config::DEFAULT_YAML;

/// Bytes of the key that is made.
const KEY_BYTES: usize = 32;

/// Writes a first configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to begin in.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

/// What is set in a first configuration: a key of its own, and an inbox.
const FIRST: [(&str, &str); 2] =
    [("#apiKey: ${MCP_API_KEY}", "apiKey: ${file:mcp.key}"), ("#pluginDir: plugins/", "pluginDir: plugins/")];

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    fs::create_dir_all(&args.dir)?;
    let (config, key) = (args.dir.join("mcp.yaml"), args.dir.join("mcp.key"));
    if fs::symlink_metadata(&config).is_ok() {
        let text = format!("{}: exists already, and is not overwritten", config.display());
        return Err(Failure::new(Exit::FAILED, text));
    }
    if fs::symlink_metadata(&key).is_err() {
        write_new(&key, 0o600, &fresh_key()?)?;
    }
    fs::create_dir_all(args.dir.join("plugins"))?;
    write_new(&config, 0o644, &first_configuration())?;
    terminal.say(&format!("{} is documented line by line; the server's key is in {}", config.display(), key.display()));
    terminal.say("next: `bulkhead add FILE` adds a plugin, `bulkhead serve` serves it");
    Ok(terminal.print(&config.display().to_string())?)
}

fn first_configuration() -> String {
    FIRST.iter().fold(DEFAULT_YAML.to_owned(), |text, (documented, set)| text.replace(documented, set))
}

fn fresh_key() -> Result<String, Failure> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new(Exit::FAILED, format!("no random numbers: {error}")))?;
    Ok(format!("{}\n", hex::encode(bytes)))
}

fn write_new(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    let told = |error: std::io::Error| Failure::new(Exit::FAILED, format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(told)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(told)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::config::Config;

    #[test]
    fn a_first_configuration_has_a_key_and_may_be_served() {
        let folder = tempfile::tempdir().unwrap();
        let terminal = Terminal::of_process(true, 0, false);
        let args = || Args { dir: folder.path().join("new") };
        run(args(), &terminal).unwrap();
        let config = Config::load(&folder.path().join("new/mcp.yaml")).unwrap();
        assert_eq!(config.credentials.keys.len(), 1);
        assert_eq!(config.exposed(config.listen), Ok(()));
        assert!(config.plugin_dir.unwrap().is_dir());
        let mode = fs::metadata(folder.path().join("new/mcp.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(run(args(), &terminal).is_err(), "nothing is overwritten");
    }
}
