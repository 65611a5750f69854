//! Compiling JavaScript and TypeScript: `esbuild` makes one file of the source
//! and its packages, `componentize-qjs` puts it and an interpreter that has
//! loaded it into one component.

mod two_kinds;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::{
    BuildError, MissingTool, Source, Step, kit,
    process::{self, existing, program},
    source::{Compiled, read_made, read_manifest},
};

/// `package.json`, as far as it is read.
#[derive(Deserialize)]
struct Package {
    version: Option<semver::Version>,
    description: Option<String>,
    main: Option<String>,
}

/// The author's tools, as `npm install` put them.
struct Tools<'a> {
    dir: &'a Path,
    bin: PathBuf,
}

/// What has the bundler make one file that runs in the interpreter: it has no
/// module besides the host's own, and the SDK's promises in place of `async`.
const BUNDLING: [&str; 14] = [
    "--bundle",
    "--format=esm",
    "--target=es2024",
    "--platform=neutral",
    "--main-fields=browser,module,main",
    "--conditions=browser,import",
    "--supported:async-await=false",
    "--supported:async-generator=false",
    "--supported:for-await=false",
    "--supported:top-level-await=false",
    "--external:bulkhead:*",
    "--external:wasi:*",
    "--minify-whitespace",
    "--minify-syntax",
];

pub(super) fn compile(source: &Source, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
    let dir = source.dir();
    let Package { version, description, main } = package(dir)?;
    let main =
        main.ok_or(BuildError::Missing { what: "a source", how: "write its path as \"main\" in package.json" })?;
    let tools = Tools { dir, bin: dir.join("node_modules/.bin") };
    let entry = dir.join("node_modules/bulkhead-sdk/component").join(format!("{}.js", source.world()));
    if !entry.is_file() {
        return Err(MissingTool::Packages(dir.to_owned()).into());
    }
    let scratch = source.scratch()?;
    if dir.join("tsconfig.json").is_file() && tools.bin.join("tsc").is_file() {
        tools.run("tsc", |tsc| _ = tsc.arg("--noEmit"), progress)?;
    }
    let (bundle, made) = (scratch.join("plugin.js"), scratch.join("plugin.wasm"));
    let (author, outfile) = (format!("--alias:bulkhead-author=./{main}"), format!("--outfile={}", bundle.display()));
    let bundles = |esbuild: &mut Command| {
        esbuild.arg(&entry).args(BUNDLING).args([&author, "--legal-comments=none", "--log-level=warning", &outfile]);
    };
    tools.run("esbuild", bundles, progress)?;
    let wit = two_kinds::wit(kit::wit(dir, &scratch)?, source.world(), &scratch)?;
    let componentizes = |qjs: &mut Command| {
        qjs.arg("--sync").arg("--wit").arg(&wit).args(["--world", source.world()]);
        qjs.arg("--js").arg(&bundle).arg("--module-root").arg(&scratch).arg("--output").arg(&made);
    };
    tools.run("componentize-qjs", componentizes, progress)?;
    let mut component = read_made(&made)?;
    two_kinds::undo(&mut component);
    Ok(Compiled { component, version, description })
}

impl Tools<'_> {
    fn run(
        &self,
        name: &str,
        arguments: impl FnOnce(&mut Command),
        progress: &mut dyn FnMut(Step),
    ) -> Result<(), BuildError> {
        let tool = existing(&self.bin, name).ok_or_else(|| MissingTool::Packages(self.dir.to_owned()))?;
        let mut command = program(tool);
        command.current_dir(self.dir);
        arguments(&mut command);
        process::compile(name, self.dir, command, progress)
    }
}

fn package(dir: &Path) -> Result<Package, BuildError> {
    let path = dir.join("package.json");
    let failed = |source| BuildError::File { path: path.clone(), source };
    let text = read_manifest(&path).map_err(failed)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| BuildError::Manifest { path, told: error.to_string() })
}
