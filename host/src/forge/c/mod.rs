//! Compiling C: clang or zig makes a core module of the source and the SDK, which
//! becomes a component here.

mod compiler;

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    BuildError, Language, MissingTool, Source, Step, kit, module, process,
    source::{Compiled, read_made},
};

pub(super) use compiler::Compiler;

/// The SDK's folder below `vendor/`.
const SDK: &str = "bulkhead";

pub(super) fn compile(source: &Source, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
    let dir = source.dir();
    let compiler = Compiler::find(dir).ok_or(MissingTool::C)?;
    let headers = headers(source)?;
    let scratch = source.scratch()?;
    let sdk = kit::vendor(dir, &scratch, Language::C, SDK)?.join(SDK);
    let made = scratch.join("core.wasm");
    let mut command = compiler.command();
    // What stands in a message says nothing of the author's disk.
    command
        .arg(format!("-ffile-prefix-map={}=/sdk", sdk.display()))
        .arg("-I")
        .arg(sdk.join("include"))
        .arg("-I")
        .arg(sdk.join("generated").join(source.world()));
    headers.iter().for_each(|folder| _ = command.arg("-isystem").arg(folder));
    let of_the_sdk = ["src", "wasm", "http"].map(|folder| sdk.join(folder));
    let asks_for_http = source.world() != "plugin";
    let of_the_sdk = of_the_sdk.into_iter().filter(|folder| asks_for_http || !folder.ends_with("http"));
    for folder in [dir.to_owned(), dir.join("src")].into_iter().chain(of_the_sdk) {
        command.args(sources(&folder)?);
    }
    command.arg("-o").arg(&made).current_dir(dir);
    process::compile(compiler.name(), dir, command, progress)?;
    let component = module::component(read_made(&made)?, &kit::wit(dir, &scratch)?, source.world())?;
    Ok(Compiled { component, version: None, description: None })
}

/// Folders of other people's headers, as `plugin.toml` names them.
fn headers(source: &Source) -> Result<&[PathBuf], BuildError> {
    let build = source.plugin().build();
    match build.headers.iter().find(|folder| !folder.is_dir()) {
        Some(folder) => Err(MissingTool::Headers { folder: folder.clone(), how: build.needs.clone() }.into()),
        None => Ok(&build.headers),
    }
}

/// The C files right in a folder, in order.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|source| BuildError::File { path: folder.into(), source })?;
    let is_c = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "c");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_c).collect();
    files.sort();
    Ok(files)
}
