//! `bulkhead remove`

use std::path::PathBuf;

use bulkhead_base::PluginName;
use bulkhead_registry::{Lock, LockError, Store};

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::config::edit::{EditError, Editor};

/// Takes a plugin out of the configuration and the lock.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The entry's name.
    pub name: String,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let name: PluginName = args.name.parse().map_err(|error| Failure::new(Exit::USAGE, format!("{error}")))?;
    let mut editor = Editor::open(&args.config)?;
    let store = Store::below(&editor.config().state_dir);
    let unlocked = |error: LockError| Failure::from_error(Exit::CONFIG, &error);
    let mut lock = Lock::read(&editor.config().lock_path(), store.folder()).map_err(unlocked)?;
    let has_entry = editor.config().plugins.iter().any(|entry| entry.name == name);
    if !has_entry && lock.get(&name).is_none() {
        let text = format!("{}: there is no plugin {name:?}, and the lock knows none", args.config.display());
        return Err(Failure::new(Exit::FAILED, text));
    }
    let lock_path = editor.config().lock_path();
    if has_entry {
        editor.remove_plugin(&name)?;
        editor.save()?;
    }
    if lock.remove(&name).is_some() {
        lock.write(&lock_path).map_err(unlocked)?;
    }
    store.release(&name);
    terminal.say(&format!("{name} is served no more; its file stays where it is"));
    Ok(())
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Config(inner) => inner.into(),
            EditError::Write { .. } => Self::from_error(Exit::FAILED, &error),
            other => Self::from_error(Exit::CONFIG, &other),
        }
    }
}
