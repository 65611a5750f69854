//! `bulkhead verify`

mod server;

use std::path::{Path, PathBuf};

use bulkhead_package::{Package, Pattern, PublicKey, Revocations, Trust, TrustedKey, VerifiedPlugin};
use bulkhead_registry::{Admission, Lock, Mode, Place, Store, admit, check_wording};
use jiff::Timestamp;

use super::{
    exit::{Exit, Failure},
    inspect::{detached, read_capped},
    terminal::Terminal,
};
use crate::config::{Config, PluginEntry};

/// Says whether a file would be loaded, or whether a server lists what it signed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plugin file, or the address of a server that signs what it lists.
    pub file: String,
    /// A public key to trust, of a publisher or of the server: a PEM file, or SPKI in base64.
    #[arg(long, value_name = "KEY", num_args = 1..)]
    pub key: Vec<String>,
    /// Trust what this configuration trusts (./mcp.yaml, if no key is given).
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub config: Option<PathBuf>,
    /// The contents that a server has to sign: what this verb printed before.
    #[arg(long, value_name = "DIGEST")]
    pub expect: Option<String>,
    /// The key to present to a server.
    #[arg(long, value_name = "KEY", env = "BULKHEAD_API_KEY", hide_env_values = true)]
    pub bearer: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// The file would not be loaded: exit code 4.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    if args.file.starts_with("https://") || args.file.starts_with("http://") {
        return server::run(&args, terminal);
    }
    if args.expect.is_some() {
        return Err(Failure::new(Exit::USAGE, "--expect goes with a server's https:// address"));
    }
    let path = PathBuf::from(&args.file);
    let refused = |text: String| Failure::new(Exit::REFUSED, format!("{}: {text}", path.display()));
    let package =
        Package::parse(read_capped(&path)?, detached(&path)?.as_deref()).map_err(|error| refused(error.to_string()))?;
    let verified = if args.key.is_empty() {
        let config = Config::load(args.config.as_deref().unwrap_or(Path::new("mcp.yaml")))
            .map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
        by_config(package, &config).map_err(refused)?
    } else {
        let trust = by_keys(&args.key, &package)?;
        trust.verify(package, Timestamp::now()).map_err(|refusal| refused(refusal.to_string()))?
    };
    check_wording(verified.manifest()).map_err(|error| refused(error.to_string()))?;
    report(&verified, terminal)
}

/// Trust in exactly the keys that were typed, for exactly this plugin.
fn by_keys(keys: &[String], package: &Package) -> Result<Trust, Failure> {
    let trusted = |text: &String| {
        let public = public_key(text)?;
        let plugins = vec![Pattern::from(&package.manifest().name)];
        Ok(TrustedKey { id: text.as_str().into(), public, plugins, not_after: None })
    };
    let keys = keys.iter().map(trusted).collect::<Result<_, Failure>>()?;
    Ok(Trust::new(keys, Revocations::default()))
}

/// A key as it was typed: where it lies, or the key itself.
fn public_key(text: &str) -> Result<PublicKey, Failure> {
    let path = Path::new(text);
    let key = if path.exists() { PublicKey::read(path) } else { PublicKey::parse(text) };
    key.map_err(|error| Failure::new(Exit::USAGE, format!("--key {text}: {error}")))
}

/// What `serve` would say: the keys, the revocations, the publisher that the
/// entry names, and the lock.
fn by_config(package: Package, config: &Config) -> Result<VerifiedPlugin, String> {
    let told = |error: &dyn std::error::Error| error.to_string();
    let trust = config.trust().map_err(|error| told(&error))?;
    let verified = trust.verify(package, Timestamp::now()).map_err(|refusal| told(&refusal))?;
    let name = &verified.manifest().name;
    let entry = config.plugins.iter().find(|entry| entry.name == *name);
    let named = entry.and_then(|entry| entry.publisher.as_ref());
    if let Some(named) = named.filter(|named| named.key != verified.publisher().key_id) {
        let signer = &verified.publisher().name;
        return Err(format!("{signer} signed it, and plugins.{name}.publisher is {}", named.id));
    }
    let lock =
        Lock::read(&config.lock_path(), Store::below(&config.state_dir).folder()).map_err(|error| told(&error))?;
    match admit(&verified, lock.get(name), place(entry), Mode::Open) {
        Admission::Known | Admission::Accept(_) => Ok(verified),
        Admission::Wait(concerns) => {
            let concerns: Vec<String> = concerns.iter().map(ToString::to_string).collect();
            Err(format!("it would wait: {}; `bulkhead accept {name}` lets it in", concerns.join("; ")))
        }
    }
}

fn place(entry: Option<&PluginEntry>) -> Place {
    entry.map_or_else(Place::default, |entry| Place {
        names_publisher: entry.publisher.is_some(),
        grants_anything: entry.grants.give_anything(),
        update: entry.update,
    })
}

fn report(verified: &VerifiedPlugin, terminal: &Terminal) -> Result<(), Failure> {
    let (manifest, publisher) = (verified.manifest(), verified.publisher());
    if terminal.json {
        let told = serde_json::json!({
            "name": manifest.name,
            "version": manifest.version,
            "digest": verified.digest(),
            "publisher": &*publisher.name,
            "keyId": publisher.key_id.hex(),
        });
        return Ok(terminal.print(&told.to_string())?);
    }
    terminal.say(&format!("{} {}", manifest.name, manifest.version));
    terminal.say(&format!("{}", verified.digest()));
    Ok(terminal.print(&format!("signed by {} (key:{})", publisher.name, publisher.key_id.hex()))?)
}
