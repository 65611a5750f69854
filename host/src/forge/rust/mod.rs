//! A plugin's source in Rust: `cargo build` for `wasm32-wasip2`.

use std::{
    env, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::Command,
};

use bulkhead_package::{MAX_FILE_BYTES, PluginToml, limits::MAX_PLUGIN_TOML_BYTES};
use semver::Version;
use serde::Deserialize;

use super::{
    BuildError, Language, MissingTool, Step,
    cargo::{Artifact, TARGET, failure, not_started, run, tool},
};

/// A plugin's source folder.
#[derive(Clone, Debug)]
pub struct Source {
    dir: PathBuf,
    plugin: PluginToml,
}

/// What the compiler made, and what `Cargo.toml` says about it.
pub(super) struct Compiled {
    pub(super) component: Vec<u8>,
    pub(super) version: Version,
    pub(super) description: Option<String>,
}

/// How cargo compiles a component. Both panic by aborting, since a trap ends
/// the instance anyway, and carry no debug information: it would be most of
/// the file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Profile {
    /// While somebody edits: a saved file is a new component within a second.
    Quick,
    /// What is handed on: small, and so quick to instantiate.
    Small,
}

/// Given on the command line, so that it holds for sources anywhere.
const PROFILES: [&str; 10] = [
    "profile.plugin.inherits=\"release\"",
    "profile.plugin.panic=\"abort\"",
    "profile.plugin.debug=false",
    "profile.plugin.strip=true",
    "profile.plugin.lto=true",
    "profile.plugin.codegen-units=1",
    "profile.plugin-quick.inherits=\"plugin\"",
    "profile.plugin-quick.lto=false",
    "profile.plugin-quick.codegen-units=16",
    "profile.plugin-quick.incremental=true",
];

/// Flags for the compiler, apart by [`SEPARATOR`]: cargo's variable for flags
/// that hold spaces.
const ENCODED_FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const SEPARATOR: &str = "\u{1f}";

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Quick => "plugin-quick",
            Self::Small => "plugin",
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct MetadataPackage {
    version: Version,
    description: Option<String>,
    manifest_path: PathBuf,
}

impl Source {
    /// Whether `dir` looks like a plugin's source.
    #[must_use]
    pub fn is_in(dir: &Path) -> bool {
        dir.join("plugin.toml").is_file()
    }

    /// Reads what the author says about the source in `dir`.
    ///
    /// # Errors
    /// There is no `plugin.toml`, it is refused, or the language is one that
    /// is not built yet.
    pub fn open(dir: &Path) -> Result<Self, BuildError> {
        let plugin = read_plugin_toml(&dir.join("plugin.toml"))?.ok_or_else(|| BuildError::NoSource(dir.into()))?;
        let dir = fs::canonicalize(dir).map_err(|source| BuildError::File { path: dir.into(), source })?;
        match Language::of(&dir) {
            Language::Rust => Ok(Self { dir, plugin }),
            language => Err(BuildError::NotYet { path: dir, language }),
        }
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the author says about it.
    #[must_use]
    pub const fn plugin(&self) -> &PluginToml {
        &self.plugin
    }

    pub(super) fn compile(&self, profile: Profile, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
        let cargo_toml = self.dir.join("Cargo.toml");
        let metadata = metadata(&cargo_toml)?;
        let package = metadata
            .packages
            .into_iter()
            .find(|package| package.manifest_path == cargo_toml)
            .ok_or_else(|| BuildError::NoComponent { path: self.dir.clone() })?;
        let target_dir = metadata.target_directory.join("plugins");
        if !target_dir.join(TARGET).exists() {
            self.look_for_target()?;
        }
        let places = [(cargo_home(), "/cargo"), (Some(metadata.workspace_root), "/source")];
        let path = self.cargo_build(profile, &places, &target_dir, progress)?;
        let component = read_capped(&path).map_err(|source| BuildError::File { path, source })?;
        Ok(Compiled { component, version: package.version, description: package.description })
    }

    /// Before the first build: a missing target would show only after
    /// everything for this machine is compiled.
    fn look_for_target(&self) -> Result<(), BuildError> {
        let output = tool("rustc")
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(&self.dir)
            .output()
            .map_err(|error| not_started(&error))?;
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let found = output.status.success() && Path::new(&folder).is_dir();
        if found { Ok(()) } else { Err(MissingTool::Target.into()) }
    }

    fn cargo_build(
        &self,
        profile: Profile,
        places: &[(Option<PathBuf>, &str)],
        target_dir: &Path,
        progress: &mut dyn FnMut(Step),
    ) -> Result<PathBuf, BuildError> {
        let cargo_toml = self.dir.join("Cargo.toml");
        let mut command = tool("cargo");
        command
            .args(["build", "--lib", "--target", TARGET, "--message-format=json-render-diagnostics"])
            .args(["--profile", profile.name()])
            .args(PROFILES.iter().flat_map(|setting| ["--config", setting]))
            .args(["--color", "never", "--manifest-path"])
            .arg(&cargo_toml)
            .arg("--target-dir")
            .arg(target_dir)
            .current_dir(&self.dir);
        if matches!(profile, Profile::Small) {
            told_elsewhere(&mut command, places);
        }
        let run = run(command, progress)?;
        if !run.succeeded {
            return Err(failure(self.dir.clone(), run.diagnostics));
        }
        run.artifacts
            .into_iter()
            .filter(|artifact| artifact.manifest_path == cargo_toml)
            .find_map(Artifact::component)
            .ok_or_else(|| BuildError::NoComponent { path: self.dir.clone() })
    }
}

/// Where cargo keeps other people's sources, if that can be told.
#[expect(clippy::disallowed_methods, reason = "cargo, which is run here, finds it by these variables")]
fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// Has the compiler write what lies in `places` as if it lay elsewhere: a
/// panic's message names a source, and what is handed on has to be the same
/// bytes wherever it was built, and say nothing of its author's disk. Flags of
/// the author's own stay: cargo joins settings, and takes one variable instead
/// of them.
#[expect(clippy::disallowed_methods, reason = "cargo, which is run here, reads it")]
fn told_elsewhere(command: &mut Command, places: &[(Option<PathBuf>, &str)]) {
    // Of two that fit, the compiler takes the last one.
    let mut known: Vec<_> = places.iter().filter_map(|(from, to)| Some((from.as_ref()?, to))).collect();
    known.sort_by_key(|(from, _)| from.as_os_str().len());
    let told = known.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let encoded = env::var(ENCODED_FLAGS).ok();
    let spaced = env::var("RUSTFLAGS").ok().map(|flags| flags.split_whitespace().collect::<Vec<_>>().join(SEPARATOR));
    match encoded.or(spaced) {
        // Also an empty one takes the place of settings.
        Some(flags) => {
            let own = Some(flags).filter(|flags| !flags.is_empty());
            let all: Vec<String> = own.into_iter().chain(told).collect();
            command.env(ENCODED_FLAGS, all.join(SEPARATOR))
        }
        // An array of strings is the same in JSON as in TOML.
        None => command.arg("--config").arg(format!("build.rustflags={}", serde_json::Value::from_iter(told))),
    };
}

/// Reads a `plugin.toml`, if there is one.
///
/// # Errors
/// It is unreadable or refused.
pub fn read_plugin_toml(path: &Path) -> Result<Option<PluginToml>, BuildError> {
    let mut text = String::new();
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(BuildError::File { path: path.into(), source }),
    };
    file.take(MAX_PLUGIN_TOML_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|source| BuildError::File { path: path.into(), source })?;
    PluginToml::parse(&text).map(Some).map_err(|source| BuildError::PluginToml { path: path.into(), source })
}

fn metadata(cargo_toml: &Path) -> Result<Metadata, BuildError> {
    let output = tool("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(cargo_toml)
        .output()
        .map_err(|error| not_started(&error))?;
    if !output.status.success() {
        let dir = cargo_toml.parent().unwrap_or(cargo_toml);
        return Err(failure(dir.into(), String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| BuildError::Cargo(error.to_string()))
}

fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_plugin_toml_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Source::open(folder.path()), Err(BuildError::NoSource(_))));
        fs::write(folder.path().join("plugin.toml"), "name = \"a\"").unwrap();
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        let refused = Source::open(folder.path());
        assert!(matches!(refused, Err(BuildError::NotYet { language: Language::JavaScript, .. })));
    }
}
