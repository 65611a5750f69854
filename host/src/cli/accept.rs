//! `bulkhead accept`

use std::path::PathBuf;

use bulkhead_base::{Digest, PluginName};
use bulkhead_package::{Package, Trust, VerifiedPlugin, diff};
use bulkhead_registry::{Admission, Concern, Lock, Locked, Mode, Store, admit, locked};
use jiff::Timestamp;
use serde_json::json;

use super::{
    exit::{Exit, Failure},
    inspect::{detached, read_capped},
    review,
    terminal::Terminal,
};
use crate::config::{Config, PluginEntry, Source, edit::Editor};

/// Accepts a plugin that waits, after showing what changed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The entry's name.
    pub plugin: String,
    /// Accept only this digest.
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let name: PluginName = args.plugin.parse().map_err(|error| Failure::new(Exit::USAGE, format!("{error}")))?;
    let wanted = args.digest.as_deref().map(str::parse::<Digest>).transpose();
    let wanted = wanted.map_err(|error| Failure::new(Exit::USAGE, format!("--digest: {error}")))?;
    let editor = Editor::open(&args.config)?;
    let case = Case::open(editor.config(), name)?;
    let candidate = case.choose(wanted)?;
    if case.accepted.as_ref() == Some(&locked(&candidate)) {
        terminal.say(&format!("{} {} is accepted already", case.entry.name, candidate.manifest().version));
        return Ok(());
    }
    case.show(&candidate, terminal);
    if wanted.is_none() && !confirmed(&candidate, terminal)? {
        return Err(Failure::new(Exit::FAILED, "not accepted"));
    }
    case.record(&candidate)?;
    let told =
        json!({"plugin": case.entry.name, "digest": candidate.digest(), "version": candidate.manifest().version});
    if terminal.json {
        return Ok(terminal.print(&told.to_string())?);
    }
    Ok(terminal.print(&format!(
        "accepted {} {} {}",
        case.entry.name,
        candidate.manifest().version,
        candidate.digest()
    ))?)
}

/// Without a terminal the digest has to be typed: it is the word that says
/// which bytes were looked at.
fn confirmed(candidate: &VerifiedPlugin, terminal: &Terminal) -> Result<bool, Failure> {
    if terminal.asks() {
        return terminal.confirm("accept exactly this?");
    }
    let digest = candidate.digest();
    Err(Failure::new(Exit::USAGE, format!("nobody is there to answer; say it with --digest {digest}")))
}

/// One plugin: what was accepted, and what may take its place.
struct Case {
    entry: PluginEntry,
    trust: Trust,
    lock: Lock,
    lock_path: PathBuf,
    store: Store,
    accepted: Option<Locked>,
}

impl Case {
    fn open(config: &Config, name: PluginName) -> Result<Self, Failure> {
        let store = Store::below(&config.state_dir);
        let unusable = |error: &dyn std::error::Error| Failure::new(Exit::CONFIG, error.to_string());
        let lock_path = config.lock_path();
        let lock = Lock::read(&lock_path, store.folder()).map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
        let entry = config.plugins.iter().find(|entry| entry.name == name).cloned();
        Ok(Self {
            trust: config.trust().map_err(|error| unusable(&error))?,
            accepted: lock.get(&name).cloned(),
            entry: entry.unwrap_or_else(|| PluginEntry::dropped_in(name)),
            lock,
            lock_path,
            store,
        })
    }

    /// What may be accepted, the newest first: the entry's file as it is now,
    /// then what waits in quarantine.
    fn candidates(&self) -> Result<Vec<Package>, Failure> {
        let mut found = Vec::new();
        if let Source::File(path) = &self.entry.source
            && path.is_file()
        {
            let package = Package::parse(read_capped(path)?, detached(path)?.as_deref());
            found.push(package.map_err(|error| Failure::from_error(Exit::REFUSED, &error))?);
        }
        let waiting =
            self.store.waiting(&self.entry.name).map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
        for bytes in waiting {
            found.push(Package::parse(bytes, None).map_err(|error| Failure::from_error(Exit::REFUSED, &error))?);
        }
        Ok(found)
    }

    /// The one with the digest `wanted`, or else the newest that is not what
    /// was accepted before.
    fn choose(&self, wanted: Option<Digest>) -> Result<VerifiedPlugin, Failure> {
        let name = &self.entry.name;
        let mut candidates = self.candidates()?;
        let position = match wanted {
            Some(digest) => candidates.iter().position(|package| package.digest() == digest),
            None => {
                let accepted = self.accepted.as_ref().map(|locked| locked.digest);
                candidates
                    .iter()
                    .position(|package| Some(package.digest()) != accepted)
                    .or((!candidates.is_empty()).then_some(0))
            }
        };
        let nothing = || match wanted {
            Some(digest) => format!("{name}: no file with the digest {digest} waits; `bulkhead check` shows what does"),
            None => format!("{name}: nothing waits to be accepted"),
        };
        let package =
            position.map(|at| candidates.swap_remove(at)).ok_or_else(|| Failure::new(Exit::FAILED, nothing()))?;
        let refused = |text: String| Failure::new(Exit::REFUSED, format!("{name}: {text}"));
        let plugin = self.trust.verify(package, Timestamp::now()).map_err(|refusal| refused(refusal.to_string()))?;
        match &self.entry.publisher {
            Some(named) if named.key != plugin.publisher().key_id => {
                let signer = &plugin.publisher().name;
                Err(refused(format!(
                    "{signer} signed it, and plugins.{name}.publisher is {}; change the entry first",
                    named.id
                )))
            }
            _ => Ok(plugin),
        }
    }

    /// Shows why it waits and what is different, or all of it if nothing was
    /// accepted before.
    fn show(&self, candidate: &VerifiedPlugin, terminal: &Terminal) {
        let manifest = candidate.manifest();
        let mut lines = review::head(manifest, terminal);
        let publisher = candidate.publisher();
        lines.push(format!("signed by {} (key:{}), {}", publisher.name, publisher.key_id.hex(), candidate.digest()));
        for concern in self.concerns(candidate) {
            lines.push(format!("waits because {concern}"));
        }
        let before = self.accepted.as_ref().and_then(|locked| self.store.read(&locked.digest).ok());
        match before.and_then(|bytes| Package::parse(bytes, None).ok()) {
            Some(before) => {
                let changes = diff(before.manifest(), manifest);
                lines.push(format!("compared with {}:", before.manifest().version));
                if changes.is_empty() {
                    lines.push("    nothing that is asked for or offered; the code is another".to_owned());
                }
                lines.extend(changes.iter().map(|change| format!("    {change}")));
            }
            None => {
                lines.extend(review::requests(&manifest.requests, terminal));
                lines.extend(review::contract(manifest, terminal));
            }
        }
        lines.iter().for_each(|line| terminal.say(line));
    }

    fn concerns(&self, candidate: &VerifiedPlugin) -> Vec<Concern> {
        match admit(candidate, self.accepted.as_ref(), self.entry.place(), Mode::Open) {
            Admission::Wait(concerns) => concerns,
            Admission::Known | Admission::Accept(_) => Vec::new(),
        }
    }

    /// Keeps the very bytes that were shown, and remembers them.
    fn record(&self, candidate: &VerifiedPlugin) -> Result<(), Failure> {
        let failed = |error: &(dyn std::error::Error + 'static)| Failure::from_error(Exit::FAILED, error);
        if let Some(file) = candidate.file() {
            self.store.keep(file).map_err(|error| failed(&error))?;
        }
        let mut lock = self.lock.clone();
        lock.insert(self.entry.name.clone(), locked(candidate));
        lock.write(&self.lock_path).map_err(|error| failed(&error))?;
        self.store.release(&self.entry.name);
        Ok(())
    }
}
