//! `bulkhead build`

use std::{
    fs,
    path::{Path, PathBuf},
};

use bulkhead_package::{Keypair, display::safe};

use super::{
    exit::{Exit, Failure},
    inspect,
    terminal::{Terminal, Tone},
};
use crate::forge::{self, BuildError, Built, Signer, Source, Step};

/// Builds a source folder into a plugin file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The source folder.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Sign with this private key.
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Where to write, if not `NAME.wasm` in the folder.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let key = args.sign.as_deref().map(read_key).transpose()?;
    let source = Source::open(&args.dir).map_err(|error| failure(&error))?;
    let signer = key.as_ref().map(|key| Signer { key, development: false });
    let built = forge::build(&source, signer, &mut |step| tell(terminal, &step)).map_err(|error| failure(&error))?;
    let out = args.out.unwrap_or_else(|| args.dir.join(format!("{}.wasm", built.manifest.name)));
    write(&out, &built.bytes)?;
    report(&built, &out, key.is_some(), terminal)
}

/// The exit code of a build that failed.
pub fn failure(error: &BuildError) -> Failure {
    let exit = match error {
        BuildError::NoContract => Exit::NOT_BUILT,
        BuildError::Package(_) | BuildError::Component(_) | BuildError::Foreign(_) | BuildError::Import(_) => {
            Exit::REFUSED
        }
        BuildError::Missing { .. } => Exit::USAGE,
        BuildError::File { .. } => Exit::FAILED,
        _ => Exit::BUILD,
    };
    Failure::from_error(exit, error)
}

/// Reads the private key to sign with.
pub fn read_key(path: &Path) -> Result<Keypair, Failure> {
    Keypair::read(path).map_err(|error| Failure::from_error(Exit::FAILED, &error))
}

/// Writes a result, whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = path.file_name().unwrap_or_default().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.map_err(|error| Failure::new(Exit::FAILED, format!("{}: {error}", path.display())))
}

/// Says how far a build is.
pub fn tell(terminal: &Terminal, step: &Step) {
    match step {
        Step::Compiling(line) => terminal.say(&terminal.paint(Tone::Faint, &safe(line))),
        Step::Describing => terminal.say("reading its contract"),
        Step::Packing => {}
    }
}

fn report(built: &Built, out: &Path, signed: bool, terminal: &Terminal) -> Result<(), Failure> {
    let manifest = &built.manifest;
    let package = inspect::package(built.bytes.clone())?;
    if terminal.json {
        let told = serde_json::json!({
            "file": out,
            "name": manifest.name,
            "version": manifest.version,
            "digest": package.digest(),
            "signed": signed,
        });
        return Ok(terminal.print(&told.to_string())?);
    }
    let tools = manifest.contract.tools.len();
    terminal.say(&format!("{} {}: {tools} tools, {}", manifest.name, manifest.version, package.digest()));
    if !signed {
        terminal.say("not signed; `bulkhead sign FILE --key KEY` does that, and only signed files are served");
    }
    Ok(terminal.print(&out.display().to_string())?)
}
