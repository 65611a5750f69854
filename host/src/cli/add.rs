//! `bulkhead add`

mod asking;
mod obtain;

use std::path::{Path, PathBuf};

use bulkhead_base::PluginName;
use bulkhead_package::{Package, Pattern, PublicKey, Refusal, Trust, TrustedKey, VerifiedPlugin};
use bulkhead_policy::{GivenGrant, Grants, HostFolder, Mount, Shortfall};
use bulkhead_registry::{Lock, Store, check_wording, locked};
use jiff::Timestamp;

use self::obtain::Obtained;
use super::{
    exit::{Exit, Failure},
    review,
    terminal::Terminal,
    trust,
};
use crate::config::{Config, edit::Editor};

/// Adds a plugin: shows it, asks for each grant, writes key, entry and lock.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file or an `https://` address. (`oci://` is not built yet.)
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
    /// An authority of your own, PEM, that an `https://` address is believed by besides those of the web.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let typed = typed(&args.grant)?;
    let mut editor = Editor::open(&args.config)?;
    let Obtained { package, source } = obtain::obtain(&args.source, args.ca.as_deref(), editor.config().folder())?;
    let name = match &args.name {
        Some(name) => name.parse().map_err(|error| Failure::new(Exit::USAGE, format!("--as: {error}")))?,
        None => package.manifest().name.clone(),
    };
    show(&package, terminal);
    check_wording(package.manifest()).map_err(|error| Failure::from_error(Exit::REFUSED, &error))?;
    let (plugin, id) = believe(&mut editor, package, args.key.as_deref(), terminal)?;
    terminal.say(&format!("signed by {id} (key:{}), {}", plugin.publisher().key_id.hex(), plugin.digest()));

    let grants = asking::complete(&plugin.manifest().requests, typed, terminal)?;
    let grants =
        grants.into_iter().map(|grant| beside(grant, editor.config().folder())).collect::<Result<Vec<_>, _>>()?;
    let entry = source.entry(name.clone(), &plugin).publisher(&id).grants(grants);
    editor.add_plugin(&entry)?;
    let given = check(editor.config(), &name, &plugin, terminal)?;
    record(editor, &name, &plugin)?;
    report(&name, &plugin, &given, terminal)
}

fn typed(grants: &[String]) -> Result<Vec<GivenGrant>, Failure> {
    let parse = |text: &String| text.parse().map_err(|error| Failure::new(Exit::USAGE, format!("--grant: {error}")));
    grants.iter().map(parse).collect()
}

fn show(package: &Package, terminal: &Terminal) {
    let manifest = package.manifest();
    let mut lines = review::head(manifest, terminal);
    lines.extend(review::requests(&manifest.requests, terminal));
    lines.extend(review::contract(manifest, terminal));
    lines.iter().for_each(|line| terminal.say(line));
}

/// Verifies the file, by the keys that are trusted or by one that is trusted
/// from now on. Returns the id of the signer's key.
fn believe(
    editor: &mut Editor,
    package: Package,
    key: Option<&Path>,
    terminal: &Terminal,
) -> Result<(VerifiedPlugin, String), Failure> {
    let trust = editor.config().trust().map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let refusal = match trust.verify(package.clone(), Timestamp::now()) {
        Ok(plugin) => {
            let id = plugin.publisher().name.to_string();
            return Ok((plugin, id));
        }
        Err(refusal @ (Refusal::NoTrustedKey { .. } | Refusal::Namespace { .. })) => refusal,
        Err(refusal) => return Err(Failure::from_error(Exit::REFUSED, &refusal)),
    };
    let Some(path) = key else {
        let text = format!("{refusal}; or give the signer's public key with --key");
        return Err(Failure::new(Exit::REFUSED, text));
    };
    let public = trust::read_key(&path.display().to_string())?;
    let plugin = verify_by(&public, package, &trust)?;
    let name = plugin.manifest().name.clone();
    let question = format!("trust key:{} to sign {name}?", public.id().hex());
    if terminal.asks() && !terminal.confirm(&question)? {
        return Err(Failure::new(Exit::FAILED, "not trusted, so nothing was added"));
    }
    let id = trust::trust(editor, &public, &path.display().to_string(), &[Pattern::from(&name)])?;
    Ok((plugin, id))
}

/// Verifies the file by `public` alone, under the same revocations.
fn verify_by(public: &PublicKey, package: Package, trust: &Trust) -> Result<VerifiedPlugin, Failure> {
    let plugins = vec![Pattern::from(&package.manifest().name)];
    let key = TrustedKey { id: "--key".into(), public: public.clone(), plugins, not_after: None };
    let alone = Trust::new(vec![key], trust.revocations().clone());
    alone.verify(package, Timestamp::now()).map_err(|refusal| Failure::from_error(Exit::REFUSED, &refusal))
}

/// The same grant with its folder as the configuration will read it: what is
/// typed is relative to where it is typed, what is written to the file.
fn beside(grant: GivenGrant, folder: &Path) -> Result<GivenGrant, Failure> {
    let GivenGrant::Fs(mount) = grant else { return Ok(grant) };
    let Some(typed) = mount.host.path() else { return Ok(GivenGrant::Fs(mount)) };
    let absolute = std::path::absolute(typed)?;
    let host = match absolute.strip_prefix(folder) {
        Ok(inside) => Path::new(".").join(inside),
        Err(_) => absolute,
    };
    Ok(GivenGrant::Fs(Mount { host: HostFolder::Path(host), ..mount }))
}

/// What the entry as it will be read gives, if its mounts are safe.
fn check(config: &Config, name: &PluginName, plugin: &VerifiedPlugin, terminal: &Terminal) -> Result<Grants, Failure> {
    if let Some(refused) = config.unsafe_mounts().into_iter().find(|refused| refused.plugin == *name) {
        return Err(Failure::from_error(Exit::CONFIG, &refused));
    }
    let given = config.plugins.iter().find(|entry| entry.name == *name).map(|entry| entry.grants.clone());
    let (effective, shortfalls) = given.unwrap_or_default().meet(&plugin.manifest().requests);
    for gap in &shortfalls {
        match gap {
            Shortfall::NotAsked { .. } => terminal.warn(&format!("{name} {gap}")),
            Shortfall::NotGiven { .. } => terminal.say(&bulkhead_package::display::safe(&format!("{name} {gap}"))),
        }
    }
    Ok(effective)
}

/// Store and lock first: a server that runs reads the entry as soon as it is
/// there.
fn record(editor: Editor, name: &PluginName, plugin: &VerifiedPlugin) -> Result<(), Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| Failure::from_error(Exit::FAILED, error);
    let config = editor.config();
    let (store, lock_path) = (Store::below(&config.state_dir), config.lock_path());
    let before = Lock::read(&lock_path, store.folder()).map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    if let Some(file) = plugin.file() {
        store.keep(file).map_err(|error| failed(&error))?;
    }
    let mut lock = before.clone();
    lock.insert(name.clone(), locked(plugin));
    lock.write(&lock_path).map_err(|error| failed(&error))?;
    editor.save().map_err(|error| {
        // An entry that is not there needs no line in the lock.
        let _ = before.write(&lock_path);
        Failure::from(error)
    })?;
    Ok(())
}

fn report(name: &PluginName, plugin: &VerifiedPlugin, given: &Grants, terminal: &Terminal) -> Result<(), Failure> {
    let version = &plugin.manifest().version;
    if terminal.json {
        let lines: Vec<_> =
            given.lines().into_iter().map(|(list, line)| serde_json::json!({"list": list, "line": line})).collect();
        let told = serde_json::json!({"plugin": name, "version": version, "digest": plugin.digest(), "grants": lines});
        return Ok(terminal.print(&told.to_string())?);
    }
    if given.lines().is_empty() {
        terminal.say("granted: nothing");
    }
    for (list, line) in given.lines() {
        terminal.say(&format!("granted: {list} {line}"));
    }
    terminal.print(&format!("added {name} {version}"))?;
    if let Some(tool) = plugin.manifest().contract.tools.first() {
        let tool = bulkhead_package::display::safe(&tool.name).into_owned();
        terminal.say(&format!("next: `bulkhead list`, or `bulkhead call {name}.{tool} '{{…}}'`"));
    }
    Ok(())
}
