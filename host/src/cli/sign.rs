//! `bulkhead sign`

use std::path::{Path, PathBuf};

use bulkhead_base::PluginName;
use bulkhead_package::{Json, Keypair, PackageError, PluginToml, Stage, stage};
use semver::Version;

use super::{
    build::{self, read_key, write},
    exit::{Exit, Failure},
    inspect::{package, read_capped},
    terminal::Terminal,
};
use crate::forge::{self, Comments, Given, Signer};

/// Adds a signature, packing a bare component first.
///
/// What goes into the manifest of a bare component comes from the flags, and
/// otherwise from the plugin.toml in the file's folder. Of a component that
/// knows nothing of Bulkhead, every exported function becomes a tool, as its
/// types say (`bulkhead inspect` shows them); nothing of it runs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plugin file or a bare component.
    pub file: PathBuf,
    /// The private key.
    #[arg(long, value_name = "KEY")]
    pub key: PathBuf,
    /// Where to write, if not in place.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the envelope to NAME.wasm.dsse beside the file, not into it.
    #[arg(long)]
    pub detached: bool,
    /// A plugin.toml elsewhere.
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The plugin's name.
    #[arg(long, value_name = "NAME")]
    pub name: Option<PluginName>,
    /// The plugin's version.
    #[arg(long, value_name = "VERSION")]
    pub version: Option<Version>,
    /// What the plugin is for.
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Who made it, for people to read.
    #[arg(long, value_name = "TEXT")]
    pub publisher: Option<String>,
    /// Leaves the comments of a component that knows nothing of Bulkhead out of its contract.
    #[arg(long)]
    pub no_docs: bool,
    /// The contract as JSON, for a component that does not tell its own.
    #[arg(long, value_name = "FILE")]
    pub contract: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let key = read_key(&args.key)?;
    let file = read_capped(&args.file)?;
    let refused = |error: PackageError| Failure::new(Exit::REFUSED, format!("{}: {error}", args.file.display()));
    let signed = match stage(&file).map_err(|error| refused(error.into()))? {
        Stage::Bare => pack_and_sign(&file, &args, &key, terminal)?,
        Stage::Packed | Stage::Signed if says_something(&args) => {
            return Err(Failure::new(
                Exit::USAGE,
                format!(
                    "{}: packed already, so its manifest stays as it is; leave the flags away, or build it again",
                    args.file.display()
                ),
            ));
        }
        Stage::Packed | Stage::Signed => bulkhead_package::sign(&file, &key, false).map_err(refused)?,
    };
    let out = args.out.as_deref().unwrap_or(&args.file);
    let written = if args.detached {
        write_detached(out, &signed).map_err(refused)?
    } else {
        vec![(out.to_owned(), signed.clone())]
    };
    for (path, bytes) in &written {
        write(path, bytes)?;
    }
    report(&signed, &written, &key, terminal)
}

fn says_something(args: &Args) -> bool {
    let Args { manifest, name, version, description, publisher, contract, no_docs, .. } = args;
    manifest.is_some()
        || name.is_some()
        || version.is_some()
        || description.is_some()
        || publisher.is_some()
        || contract.is_some()
        || *no_docs
}

fn pack_and_sign(component: &[u8], args: &Args, key: &Keypair, terminal: &Terminal) -> Result<Vec<u8>, Failure> {
    let failed = |error| build::failure(&error);
    let plugin = plugin_toml(args)?;
    let comments = if args.no_docs { Comments::LeftOut } else { Comments::Kept };
    let contract = match &args.contract {
        Some(path) => given_contract(path)?,
        None => forge::contract(component, comments).map_err(failed)?,
    };
    let flags = Given {
        name: args.name.clone(),
        version: args.version.clone(),
        description: args.description.clone(),
        publisher: args.publisher.clone(),
    };
    let mut given = flags.or(plugin.as_ref().map(Given::from).unwrap_or_default());
    if let Some(defaults) = forge::defaults(component, &args.file).map_err(failed)? {
        for told in defaults.missing_from(&given) {
            terminal.say(&told);
        }
        if plugin.is_none() {
            terminal.say("no plugin.toml: it asks for nothing");
        }
        given = given.or(defaults.given);
    }
    let requests = plugin.as_ref().map(PluginToml::requests).unwrap_or_default();
    let signer = Some(Signer { key, development: false });
    forge::finish(component, given, requests, contract, signer).map(|built| built.bytes).map_err(failed)
}

fn plugin_toml(args: &Args) -> Result<Option<PluginToml>, Failure> {
    let beside = args.file.with_file_name("plugin.toml");
    let path = args.manifest.as_deref().unwrap_or(&beside);
    let plugin = forge::read_plugin_toml(path).map_err(|error| build::failure(&error))?;
    match (&plugin, &args.manifest) {
        (None, Some(path)) => Err(Failure::new(Exit::USAGE, format!("{}: no such file", path.display()))),
        _ => Ok(plugin),
    }
}

fn given_contract(path: &Path) -> Result<Json, Failure> {
    let text = String::from_utf8(read_capped(path)?)
        .map_err(|_| Failure::new(Exit::REFUSED, format!("{}: not UTF-8", path.display())))?;
    Json::parse(&text).map_err(|error| Failure::new(Exit::REFUSED, format!("{}: {error}", path.display())))
}

fn write_detached(out: &Path, signed: &[u8]) -> Result<Vec<(PathBuf, Vec<u8>)>, PackageError> {
    let (file, envelope) = bulkhead_package::detach(signed)?;
    let mut beside = out.as_os_str().to_owned();
    beside.push(".dsse");
    Ok(vec![(out.to_owned(), file.to_vec()), (beside.into(), envelope.to_vec())])
}

fn report(signed: &[u8], written: &[(PathBuf, Vec<u8>)], key: &Keypair, terminal: &Terminal) -> Result<(), Failure> {
    let package = package(signed.to_vec())?;
    let files: Vec<String> = written.iter().map(|(path, _)| path.display().to_string()).collect();
    let id = key.public().id().hex();
    if terminal.json {
        let told = serde_json::json!({"files": files, "digest": package.digest(), "keyId": id});
        return Ok(terminal.print(&told.to_string())?);
    }
    let manifest = package.manifest();
    terminal.say(&format!("{} {}, signed by key:{id}", manifest.name, manifest.version));
    terminal.say(&format!("{}", package.digest()));
    Ok(terminal.print(&files.join("\n"))?)
}
