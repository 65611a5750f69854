//! Running cargo: its progress, its complaints, what it made.

use std::{
    io::{self, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use serde::Deserialize;

use super::super::{
    BuildError, MissingTool, Step,
    process::{Tail, each_line},
};

/// What plugins are compiled for.
pub(super) const TARGET: &str = "wasm32-wasip2";

#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(super) struct Artifact {
    pub(super) manifest_path: PathBuf,
    target: ArtifactTarget,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct ArtifactTarget {
    crate_types: Vec<String>,
}

impl Artifact {
    /// The component among the files, if this is the library of a plugin.
    pub(super) fn component(self) -> Option<PathBuf> {
        let is_plugin = self.target.crate_types.iter().any(|kind| kind == "cdylib");
        let wasm = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "wasm");
        self.filenames.into_iter().filter(|_| is_plugin).find(wasm)
    }
}

pub(super) fn not_started(error: &io::Error) -> BuildError {
    match error.kind() {
        io::ErrorKind::NotFound => MissingTool::Cargo.into(),
        _ => BuildError::Cargo(error.to_string()),
    }
}

pub(super) fn failure(path: PathBuf, diagnostics: String) -> BuildError {
    let target_missing = diagnostics.contains(TARGET)
        && (diagnostics.contains("target may not be installed") || diagnostics.contains("rustup target add"));
    if target_missing { MissingTool::Target.into() } else { BuildError::Compile { path, diagnostics } }
}

pub(super) struct Run {
    pub(super) succeeded: bool,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) diagnostics: String,
}

/// Runs cargo. What it says on standard error is progress and, if it fails,
/// the reason; what it made is on its standard output.
pub(super) fn run(mut command: Command, progress: &mut dyn FnMut(Step)) -> Result<Run, BuildError> {
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
}
