//! `bulkhead inspect`

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use bulkhead_base::{Digest, PluginName};
use bulkhead_package::{
    DigestPair, Json, MAX_FILE_BYTES, Package, PackageError, Publisher, Stage,
    component::{Surface, surface},
    display::safe,
    foreign::{Foreign, ForeignError},
    stage,
};
use jiff::Timestamp;
use semver::Version;
use serde::Serialize;

use super::{
    exit::{Exit, Failure},
    functions::{self, Function},
    review,
    terminal::Terminal,
};
use crate::config::Config;

/// Shows everything about a plugin file, and runs nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A plugin file or a bare component.
    pub file: PathBuf,
    /// Says too what the keys of this configuration make of its signatures.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let file = read_capped(&args.file)?;
    let refused =
        |error: &dyn std::error::Error| Failure::new(Exit::REFUSED, format!("{}: {error}", args.file.display()));
    let stage = stage(&file).map_err(|error| refused(&error))?;
    let outside = surface(&file).map_err(|error| refused(&error))?;
    let found = functions::read(&file, &outside);
    let lines = match stage {
        Stage::Bare if terminal.json => bare_json(&outside, functions::json(found.as_ref())),
        Stage::Bare => bare(&outside, found.as_ref(), terminal),
        Stage::Packed | Stage::Signed => {
            let detached = detached(&args.file)?;
            let package = Package::parse(file, detached.as_deref()).map_err(|error| refused(&error))?;
            let verdict = args.config.as_deref().map(|config| verdict(&package, config)).transpose()?;
            if terminal.json {
                json(&package, &outside, verdict, functions::json(found.as_ref()))?
            } else {
                let mut lines = text(&package, &outside, verdict.as_ref(), terminal);
                lines.extend(found.iter().flat_map(|found| functions::lines(found, terminal)));
                lines.join("\n")
            }
        }
    };
    Ok(terminal.print(&lines)?)
}

/// Reads a file that may not be larger than a plugin file.
pub fn read_capped(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::new(Exit::FAILED, format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Failure::new(Exit::REFUSED, format!("{}: larger than {MAX_FILE_BYTES} bytes", path.display())));
    }
    Ok(bytes)
}

/// The envelope that lies beside a file, if one does.
pub fn detached(file: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".dsse");
    let beside = PathBuf::from(beside);
    if beside.is_file() { read_capped(&beside).map(Some) } else { Ok(None) }
}

/// Reads the parts of a file.
pub fn package(file: Vec<u8>) -> Result<Package, Failure> {
    Package::parse(file, None).map_err(|error: PackageError| Failure::from_error(Exit::REFUSED, &error))
}

/// What the keys of a configuration make of a file.
type Verdict = Result<Publisher, String>;

fn verdict(package: &Package, config: &Path) -> Result<Verdict, Failure> {
    let config = Config::load(config).map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let trust = config.trust().map_err(|error| Failure::from_error(Exit::CONFIG, &error))?;
    let verified = trust.verify(package.clone(), Timestamp::now());
    Ok(verified.map(|plugin| plugin.publisher().clone()).map_err(|refusal| refusal.to_string()))
}

fn text(package: &Package, outside: &Surface, verdict: Option<&Verdict>, terminal: &Terminal) -> Vec<String> {
    let mut lines = review::head(package.manifest(), terminal);
    lines.extend(review::signers(package));
    lines.extend(verdict.map(|verdict| match verdict {
        Ok(publisher) => format!("trusted as       {} (key:{})", publisher.name, publisher.key_id.hex()),
        Err(why) => format!("not trusted      {}", safe(why)),
    }));
    lines.push(String::new());
    lines.extend(review::requests(&package.manifest().requests, terminal));
    lines.push(String::new());
    lines.extend(review::contract(package.manifest(), terminal));
    lines.extend(review::corrections(package.manifest()));
    lines.extend(review::wording(package.manifest()));
    lines.push(String::new());
    lines.extend(review::outside(outside, terminal));
    lines.push(String::new());
    lines.push(format!("digest           {}", package.digest()));
    lines.push(format!("requests digest  {}", package.manifest().requests_digest.canonical));
    lines.push(format!("contract digest  {}", package.manifest().contract_digest.canonical));
    lines.push(format!("component        {} bytes", package.component().len()));
    lines
}

/// What `--json` prints. Both halves come out as they were signed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    name: &'a PluginName,
    version: &'a Version,
    wit: &'a str,
    description: &'a str,
    publisher: &'a str,
    digest: Digest,
    manifest_digest: Digest,
    requests: &'a Json,
    requests_digest: DigestPair,
    contract: &'a Json,
    contract_digest: DigestPair,
    /// Claims of safety that will be corrected once all that it asks for is granted.
    corrections_if_granted: Vec<String>,
    /// Why it will not be served, if what it says is no text.
    not_served: Option<String>,
    /// Key ids that the signatures claim, of keys that nobody checked.
    claimed_signers: Vec<String>,
    /// The id of the trusted key that signed it, or why it is not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted_as: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_trusted: Option<String>,
    imports: &'a [String],
    exports: &'a [String],
    component_bytes: usize,
    /// What becomes of each exported function of a component that knows nothing of Bulkhead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    functions: Vec<Function>,
}

fn json(
    package: &Package,
    outside: &Surface,
    verdict: Option<Verdict>,
    functions: Vec<Function>,
) -> Result<String, Failure> {
    let manifest = package.manifest();
    let claimed = package.signers().into_iter().filter_map(|signer| signer.key_id);
    let told = Told {
        name: &manifest.name,
        version: &manifest.version,
        wit: &manifest.wit,
        description: &manifest.description,
        publisher: &manifest.publisher,
        digest: package.digest(),
        manifest_digest: package.manifest_digest(),
        requests: manifest.requests_json(),
        requests_digest: manifest.requests_digest,
        contract: manifest.contract_json(),
        contract_digest: manifest.contract_digest,
        corrections_if_granted: review::corrections(manifest),
        not_served: review::wording(manifest),
        trusted_as: verdict.as_ref().and_then(|verdict| verdict.as_ref().ok()).map(|by| by.name.to_string()),
        not_trusted: verdict.and_then(Verdict::err),
        claimed_signers: claimed.map(|id| format!("key:{}", id.hex())).collect(),
        imports: &outside.imports,
        exports: &outside.exports,
        component_bytes: package.component().len(),
        functions,
    };
    serde_json::to_string(&told).map_err(|error| Failure::from_error(Exit::FAILED, &error))
}

fn bare(outside: &Surface, found: Option<&Result<Foreign, ForeignError>>, terminal: &Terminal) -> String {
    let mut lines = vec![
        "a bare component: no manifest, no signature; `bulkhead sign FILE --key KEY` packs and signs it".to_owned(),
    ];
    lines.extend(outside.imports.iter().map(|name| format!("imports  {}", bulkhead_package::display::safe(name))));
    lines.extend(outside.exports.iter().map(|name| format!("exports  {}", bulkhead_package::display::safe(name))));
    if let Some(found) = found {
        lines.extend(functions::lines(found, terminal));
        lines.extend(functions::offered(found, outside, terminal));
    }
    lines.join("\n")
}

fn bare_json(outside: &Surface, functions: Vec<Function>) -> String {
    serde_json::json!({
        "claimedSigners": [],
        "imports": outside.imports,
        "exports": outside.exports,
        "functions": functions,
    })
    .to_string()
}
