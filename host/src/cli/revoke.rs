//! `bulkhead revoke`

use std::path::{Path, PathBuf};

use bulkhead_base::Digest;
use bulkhead_package::{Revocation, RevocationError, Revocations, Revoked, display::safe};
use bulkhead_registry::{Lock, Store};
use jiff::Timestamp;
use serde_json::json;

use super::{
    exit::{Exit, Failure},
    inspect,
    terminal::Terminal,
};
use crate::config::{Config, Source};

/// Revokes a key or a file; a running server obeys at once.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `key:HEX` or `digest:HEX`.
    pub what: String,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
    /// Revoke it although neither configuration nor lock knows it yet.
    #[arg(long)]
    pub unknown: bool,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let what: Revocation =
        args.what.parse().map_err(|error: RevocationError| Failure::from_error(Exit::USAGE, &error))?;
    if !args.config.is_file() {
        let told = format!("{}: no such file; say where the configuration lies with --config", args.config.display());
        return Err(Failure::new(Exit::CONFIG, told));
    }
    if !args.unknown && !is_known(&what, &args.config)? {
        let told = format!(
            "{what}: neither {} nor the lock beside it names it; check the digits, or revoke it all the same with --unknown",
            args.config.display()
        );
        return Err(Failure::new(Exit::FAILED, told));
    }
    let reason = args.reason.unwrap_or_default();
    let path = args.config.with_file_name("mcp.revoked");
    let added = Revocations::append(&path, &Revoked { what, at: Timestamp::now(), reason: reason.clone() })
        .map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    if terminal.json {
        let told = json!({"what": what.to_string(), "added": added, "reason": reason, "file": path});
        return Ok(terminal.print(&told.to_string())?);
    }
    let because = if reason.is_empty() { String::new() } else { format!(": {}", safe(&reason)) };
    let told = if added { "revoked" } else { "was revoked before" };
    terminal.say(&format!("{what} {told}{because} ({})", path.display()));
    Ok(terminal.print(&what.to_string())?)
}

/// Whether the lock or the configuration names it. The lock is asked first:
/// a configuration that does not load must not stand in the way.
fn is_known(what: &Revocation, config: &Path) -> Result<bool, Failure> {
    let lock = Lock::read(&config.with_file_name("mcp.lock"), Path::new(""))
        .map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    let mut locked = lock.iter().map(|(_, locked)| locked);
    let in_lock = match what {
        Revocation::Key(id) => locked.any(|locked| locked.publisher == *id),
        Revocation::Digest(digest) => locked.any(|locked| locked.digest == *digest),
    };
    if in_lock {
        return Ok(true);
    }
    let config = Config::load(config).map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    Ok(match what {
        Revocation::Key(id) => config.trusted_keys.iter().any(|key| key.public.id() == *id),
        Revocation::Digest(digest) => files(&config).any(|file| is(file, digest)),
    })
}

fn is(file: Vec<u8>, digest: &Digest) -> bool {
    inspect::package(file).is_ok_and(|package| package.digest() == *digest)
}

/// Every file that is configured, dropped in, accepted before, or waits.
fn files(config: &Config) -> impl Iterator<Item = Vec<u8>> {
    let store = Store::below(&config.state_dir);
    let sources = config.plugins.iter().filter_map(|entry| match &entry.source {
        Source::File(path) => Some(path.clone()),
        Source::Url { .. } | Source::Inbox => None,
    });
    let folders = [config.plugin_dir.as_deref(), Some(store.folder())].into_iter().flatten();
    let in_folders = folders.flat_map(|folder| folder.read_dir().into_iter().flatten().flatten()).map(|e| e.path());
    let wasm = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
    let waiting: Vec<Vec<u8>> =
        config.plugins.iter().flat_map(|entry| store.waiting(&entry.name).unwrap_or_default()).collect();
    let paths: Vec<PathBuf> = sources.chain(in_folders).filter(wasm).collect();
    paths.into_iter().filter_map(|path| inspect::read_capped(&path).ok()).chain(waiting)
}
