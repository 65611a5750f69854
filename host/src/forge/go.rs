//! Compiling Go: the compiler makes a core module, which becomes a component
//! here.

use super::{
    BuildError, MissingTool, Source, Step, kit, module,
    process::{self, find, program},
    source::{Compiled, read_made},
};

/// What makes a module that others call, small and the same everywhere.
const FLAGS: [&str; 5] =
    ["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-checklinkname=0 -s -w -buildid="];

/// For which machine, and that nothing is fetched.
const SETTINGS: [(&str, &str); 5] =
    [("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("GOWORK", "off")];

pub(super) fn compile(source: &Source, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
    let dir = source.dir();
    let compiler = find("go", &[]).ok_or(MissingTool::Go)?;
    let scratch = source.scratch()?;
    let made = scratch.join("core.wasm");
    let mut command = program(compiler);
    command.args(FLAGS).arg("-o").arg(&made).arg(".").envs(SETTINGS).current_dir(dir);
    process::compile("go", dir, command, progress)?;
    let wit = kit::wit(dir, &scratch)?;
    let component = module::component(read_made(&made)?, &wit, source.world())?;
    Ok(Compiled { component, version: None, description: None })
}
