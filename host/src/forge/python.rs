//! Compiling Python: `componentize-py` puts the source and an interpreter that
//! has imported it into one component.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    BuildError, Language, MissingTool, Source, Step, kit,
    process::{self, existing, find, program},
    source::{Compiled, Profile, read_made, read_manifest},
};

/// The module of the SDK that exports what the author's `plugin` module holds.
const ENTRY: &str = "bulkhead.component";

/// `pyproject.toml`, as far as it is read.
#[derive(Default, Deserialize)]
struct PyProject {
    #[serde(default)]
    project: Project,
}

#[derive(Default, Deserialize)]
struct Project {
    version: Option<semver::Version>,
    description: Option<String>,
}

pub(super) fn compile(
    source: &Source,
    profile: Profile,
    progress: &mut dyn FnMut(Step),
) -> Result<Compiled, BuildError> {
    let dir = source.dir();
    let Project { version, description } = project(dir)?;
    let environments = environments(dir);
    let bins: Vec<PathBuf> = environments.iter().map(|venv| venv.join("bin")).collect();
    let compiler = find("componentize-py", &bins).ok_or(MissingTool::ComponentizePy)?;
    let scratch = source.scratch()?;
    let made = scratch.join("plugin.wasm");
    let wit = kit::wit(dir, &scratch)?;
    let own = [dir.to_owned(), kit::vendor(dir, &scratch, Language::Python, "bulkhead")?];
    let others: Vec<PathBuf> = environments.iter().filter_map(|venv| site_packages(venv)).collect();
    let alone = scratch.join("no-environment");
    for _ in 0..passes(profile, &others) {
        let mut command = program(&compiler);
        command.arg("-d").arg(&wit).args(["-w", source.world(), "componentize"]);
        own.iter().chain(&others).for_each(|folder| _ = command.arg("-p").arg(folder));
        // Else it adds the packages of whichever Python comes first on the path.
        command.env("VIRTUAL_ENV", &alone).arg("-o").arg(&made).arg(ENTRY).current_dir(dir);
        process::compile("componentize-py", dir, command, progress)?;
    }
    Ok(Compiled { component: read_made(&made)?, version, description })
}

/// With other people's modules, a second pass: the first leaves them compiled, and
/// the image of the second holds nothing that compiling them took. It is half as
/// large.
fn passes(profile: Profile, others: &[PathBuf]) -> usize {
    if profile == Profile::Small && !others.is_empty() { 2 } else { 1 }
}

fn project(dir: &Path) -> Result<Project, BuildError> {
    let path = dir.join("pyproject.toml");
    let failed = |source| BuildError::File { path: path.clone(), source };
    let text = read_manifest(&path).map_err(failed)?.unwrap_or_default();
    let read: PyProject =
        toml::from_str(&text).map_err(|error| BuildError::Manifest { path, told: error.to_string() })?;
    Ok(read.project)
}

/// The environments that have the compiler, or modules of other people: the
/// source's own, and the one that the author has entered.
#[expect(clippy::disallowed_methods, reason = "how Python's tools tell which environment was entered")]
fn environments(dir: &Path) -> Vec<PathBuf> {
    let entered = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    [dir.join(".venv")].into_iter().chain(entered).filter(|venv| venv.is_dir()).collect()
}

/// Where an environment keeps other people's modules.
fn site_packages(venv: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(venv.join("lib")).ok()?;
    versions.flatten().find_map(|version| existing(&version.path(), "site-packages"))
}
