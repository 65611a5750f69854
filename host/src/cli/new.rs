//! `bulkhead new`

use std::path::Path;

use bulkhead_base::PluginName;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::forge::{self, Flavour};

/// Begins a plugin in a folder of its own.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plugin's name, and its folder's.
    pub name: PluginName,
    /// rust, ts, js, python, go or c.
    #[arg(long, default_value = "rust")]
    pub lang: Flavour,
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let Args { name, lang } = args;
    forge::begin(Path::new(name.as_str()), &name, lang).map_err(|error| Failure::from_error(Exit::FAILED, &error))?;
    let steps = first_steps(lang).map(|step| format!("\n    {step}")).concat();
    terminal.say(&format!("a plugin is begun in {name}; try it:\n\n    cd {name}{steps}\n    bulkhead dev .\n"));
    Ok(terminal.print(name.as_str())?)
}

/// What installs what the language needs in a new folder, and runs its test.
const fn first_steps(lang: Flavour) -> [&'static str; 2] {
    match lang {
        Flavour::Rust => ["# Rust and its target wasm32-wasip2: https://rustup.rs", "cargo test"],
        Flavour::TypeScript | Flavour::JavaScript => ["npm install", "npm test"],
        Flavour::Python => ["python3 -m venv .venv && .venv/bin/pip install -r requirements.txt", ".venv/bin/pytest"],
        Flavour::Go => ["# Go 1.25 or later: https://go.dev/dl", "go test ./..."],
        Flavour::C => ["# clang, lld and wasi-libc, or `pip install ziglang`", "make test"],
    }
}
