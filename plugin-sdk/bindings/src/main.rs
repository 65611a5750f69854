//! Writes the bindings that the SDKs for C and Go are committed with, out of `wit/0.1.0`, and the list of the Go SDK's
//! packages that a plugin of `bulkhead new` carries.
//! With `--check` it writes nothing, and fails where a committed file is not what it would write.

mod c;
mod go;
mod output;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use wit_bindgen_core::wit_parser::{Resolve, WorldId};

use output::Folder;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        other => bail!("expected nothing or `--check`, not {other:?}"),
    };
    let folders = [c::folder()?, go::folder()?, go::vendored()?];
    if !check {
        return folders.iter().try_for_each(Folder::write);
    }
    let stale: Vec<_> = folders.iter().flat_map(Folder::stale).collect();
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "not what wit/0.1.0 gives: {}\nrun `cargo run` in plugin-sdk/bindings and commit what it writes",
        stale.join(", ")
    )
}

/// The repository's folder `path`.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// One world of `bulkhead:plugin`, read afresh: a generator marks types in what it is given.
fn world(name: &str) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(repository("wit/0.1.0")).context("wit/0.1.0")?;
    let world = resolve.select_world(&[package], Some(name))?;
    Ok((resolve, world))
}
