//! Compiling Rust: `cargo build` for `wasm32-wasip2`.

mod cargo;

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use semver::Version;
use serde::Deserialize;

use super::{
    BuildError, MissingTool, Step,
    c::Compiler,
    process::program,
    source::{Compiled, Profile, read_made},
};
use cargo::{Artifact, TARGET, failure, not_started, run};

/// How cargo compiles a component. Both panic by aborting, since a trap ends
/// the instance anyway, and carry no debug information: it would be most of
/// the file.
const fn name_of(profile: Profile) -> &'static str {
    match profile {
        Profile::Quick => "plugin-quick",
        Profile::Small => "plugin",
    }
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

/// Compiles the crate in `dir`.
pub(super) fn compile(dir: &Path, profile: Profile, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
    let cargo_toml = dir.join("Cargo.toml");
    let metadata = metadata(&cargo_toml)?;
    let package = metadata
        .packages
        .into_iter()
        .find(|package| package.manifest_path == cargo_toml)
        .ok_or_else(|| BuildError::NoComponent { path: dir.to_owned() })?;
    let target_dir = metadata.target_directory.join("plugins");
    if !target_dir.join(TARGET).exists() {
        look_for_target(dir)?;
    }
    let places = [(cargo_home(), "/cargo"), (Some(metadata.workspace_root), "/source")];
    let path = cargo_build(dir, profile, &places, &target_dir, progress)?;
    Ok(Compiled { component: read_made(&path)?, version: Some(package.version), description: package.description })
}

/// Before the first build: a missing target would show only after everything
/// for this machine is compiled.
fn look_for_target(dir: &Path) -> Result<(), BuildError> {
    let output = program("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(dir)
        .output()
        .map_err(|error| not_started(&error))?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let found = output.status.success() && Path::new(&folder).is_dir();
    if found { Ok(()) } else { Err(MissingTool::Target.into()) }
}

/// What the crate that compiles C for others says when it cannot.
const C_INSIDE: &str = "error occurred in cc-rs";

fn cargo_build(
    dir: &Path,
    profile: Profile,
    places: &[(Option<PathBuf>, &str)],
    target_dir: &Path,
    progress: &mut dyn FnMut(Step),
) -> Result<PathBuf, BuildError> {
    let cargo_toml = dir.join("Cargo.toml");
    let mut command = program("cargo");
    command
        .args(["build", "--lib", "--target", TARGET, "--message-format=json-render-diagnostics"])
        .args(["--profile", name_of(profile)])
        .args(PROFILES.iter().flat_map(|setting| ["--config", setting]))
        .args(["--color", "never", "--manifest-path"])
        .arg(&cargo_toml)
        .arg("--target-dir")
        .arg(target_dir)
        .current_dir(dir);
    let compiler = Compiler::find(dir);
    command.envs(compiler.iter().flat_map(Compiler::variables).filter(|(name, _)| is_unset(name)));
    if profile == Profile::Small {
        told_elsewhere(&mut command, places);
    }
    let run = run(command, progress)?;
    if !run.succeeded {
        if compiler.is_none() && run.diagnostics.contains(C_INSIDE) {
            return Err(MissingTool::C.into());
        }
        return Err(failure(dir.to_owned(), run.diagnostics));
    }
    run.artifacts
        .into_iter()
        .filter(|artifact| artifact.manifest_path == cargo_toml)
        .find_map(Artifact::component)
        .ok_or_else(|| BuildError::NoComponent { path: dir.to_owned() })
}

#[expect(clippy::disallowed_methods, reason = "what the author says about the compiler goes before what is found")]
fn is_unset(name: &str) -> bool {
    env::var_os(name).is_none()
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

fn metadata(cargo_toml: &Path) -> Result<Metadata, BuildError> {
    let output = program("cargo")
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
