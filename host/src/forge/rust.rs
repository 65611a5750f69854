//! A plugin's source in Rust: `cargo build` for `wasm32-wasip2`.

use std::{
    collections::VecDeque,
    fs,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use bulkhead_package::{MAX_FILE_BYTES, PluginToml, limits::MAX_PLUGIN_TOML_BYTES};
use semver::Version;
use serde::Deserialize;

use super::{BuildError, Language, MissingTool, Step};

const TARGET: &str = "wasm32-wasip2";

/// Most of the compiler's output that is kept for the error. Answers "a macro
/// that fails in a loop fills memory".
const MAX_DIAGNOSTICS_BYTES: usize = 64 << 10;

/// Longest line that is read of cargo's output.
const MAX_LINE_BYTES: u64 = 1 << 20;

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

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct MetadataPackage {
    version: Version,
    description: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: ArtifactTarget,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct ArtifactTarget {
    crate_types: Vec<String>,
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

    pub(super) fn compile(&self, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
        let cargo_toml = self.dir.join("Cargo.toml");
        let metadata = metadata(&cargo_toml)?;
        let package = metadata
            .packages
            .into_iter()
            .find(|package| package.manifest_path == cargo_toml)
            .ok_or_else(|| BuildError::NoComponent { path: self.dir.clone() })?;
        let path = self.cargo_build(&cargo_toml, &metadata.target_directory.join("plugins"), progress)?;
        let component = read_capped(&path).map_err(|source| BuildError::File { path, source })?;
        Ok(Compiled { component, version: package.version, description: package.description })
    }

    fn cargo_build(
        &self,
        cargo_toml: &Path,
        target_dir: &Path,
        progress: &mut dyn FnMut(Step),
    ) -> Result<PathBuf, BuildError> {
        let mut command = cargo();
        command
            .args(["build", "--lib", "--release", "--target", TARGET, "--message-format=json-render-diagnostics"])
            // A plugin file carries no debug information: it would be most of its bytes.
            .args(["--config", "profile.release.debug=false", "--config", "profile.release.strip=\"debuginfo\""])
            .args(["--color", "never", "--manifest-path"])
            .arg(cargo_toml)
            .arg("--target-dir")
            .arg(target_dir)
            .current_dir(&self.dir);
        let run = run(command, progress)?;
        if !run.succeeded {
            return Err(failure(self.dir.clone(), run.diagnostics));
        }
        run.artifacts
            .into_iter()
            .filter(|artifact| artifact.manifest_path == *cargo_toml)
            .filter(|artifact| artifact.target.crate_types.iter().any(|kind| kind == "cdylib"))
            .flat_map(|artifact| artifact.filenames)
            .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
            .ok_or_else(|| BuildError::NoComponent { path: self.dir.clone() })
    }
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

#[expect(clippy::disallowed_methods, reason = "the author asked for a build, and cargo is what builds")]
fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.stdin(Stdio::null());
    command
}

fn not_started(error: &io::Error) -> BuildError {
    match error.kind() {
        io::ErrorKind::NotFound => MissingTool::Cargo.into(),
        _ => BuildError::Cargo(error.to_string()),
    }
}

fn metadata(cargo_toml: &Path) -> Result<Metadata, BuildError> {
    let output = cargo()
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

fn failure(path: PathBuf, diagnostics: String) -> BuildError {
    let target_missing = diagnostics.contains(TARGET)
        && (diagnostics.contains("target may not be installed") || diagnostics.contains("rustup target add"));
    if target_missing { MissingTool::Target.into() } else { BuildError::Compile { path, diagnostics } }
}

struct Run {
    succeeded: bool,
    artifacts: Vec<Artifact>,
    diagnostics: String,
}

/// Runs cargo. What it says on standard error is progress and, if it fails,
/// the reason; what it made is on its standard output.
fn run(mut command: Command, progress: &mut dyn FnMut(Step)) -> Result<Run, BuildError> {
    let broken = |error: io::Error| BuildError::Cargo(error.to_string());
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| not_started(&error))?;
    let stdout = child.stdout.take().ok_or_else(|| BuildError::Cargo("no output".to_owned()))?;
    let stderr = child.stderr.take().ok_or_else(|| BuildError::Cargo("no output".to_owned()))?;
    let artifacts = thread::spawn(move || read_artifacts(BufReader::new(stdout)));
    let mut kept = Tail::default();
    each_line(BufReader::new(stderr), |line| {
        kept.push(line);
        progress(Step::Compiling(line.trim().to_owned()));
    })
    .map_err(broken)?;
    let artifacts = artifacts.join().map_err(|_| BuildError::Cargo("its output".to_owned()))?.map_err(broken)?;
    let succeeded = child.wait().map_err(broken)?.success();
    Ok(Run { succeeded, artifacts, diagnostics: kept.text() })
}

fn read_artifacts(stdout: impl io::BufRead) -> io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    each_line(stdout, |line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) {
            artifacts.push(artifact);
        }
    })?;
    Ok(artifacts)
}

fn each_line(mut from: impl io::BufRead, mut then: impl FnMut(&str)) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        then(String::from_utf8_lossy(&line).trim_end());
    }
}

/// The last lines of a long text.
#[derive(Default)]
struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Tail {
    fn push(&mut self, line: &str) {
        self.bytes += line.len();
        self.lines.push_back(line.to_owned());
        while self.bytes > MAX_DIAGNOSTICS_BYTES
            && let Some(first) = self.lines.pop_front()
        {
            self.bytes -= first.len();
        }
    }

    fn text(self) -> String {
        Vec::from(self.lines).join("\n")
    }
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
    fn a_missing_target_is_told_apart_from_a_mistake() {
        let missing =
            "error[E0463]: can't find crate for `core`\n  = note: the `wasm32-wasip2` target may not be installed";
        assert!(matches!(failure("p".into(), missing.to_owned()), BuildError::Toolchain(MissingTool::Target)));
        let mistake = "error[E0425]: cannot find value `x`";
        assert!(matches!(failure("p".into(), mistake.to_owned()), BuildError::Compile { .. }));
    }

    #[test]
    fn only_the_end_of_a_flood_is_kept() {
        let mut tail = Tail::default();
        for number in 0..100_000 {
            tail.push(&format!("line {number}"));
        }
        let text = tail.text();
        assert!(text.len() <= 2 * MAX_DIAGNOSTICS_BYTES && text.ends_with("line 99999"));
    }

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
