//! Puts the SDK and the WIT package into the binary, for `bulkhead new`.
//!
//! Their `Cargo.toml`s lean on this workspace; what is embedded stands alone.

#![expect(clippy::disallowed_methods, reason = "cargo talks to a build script through variables")]

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// What is embedded: the folder, and where it goes below `vendor/`.
const FOLDERS: [(&str, &str); 3] = [
    ("plugin-sdk/src", "bulkhead-sdk/src"),
    ("plugin-sdk/macros/src", "bulkhead-sdk/macros/src"),
    ("wit/0.1.0", "wit/0.1.0"),
];

/// The `Cargo.toml`s that are made to stand alone.
const MANIFESTS: [(&str, &str); 2] = [
    ("plugin-sdk/Cargo.toml", "bulkhead-sdk/Cargo.toml"),
    ("plugin-sdk/macros/Cargo.toml", "bulkhead-sdk/macros/Cargo.toml"),
];

fn main() -> io::Result<()> {
    let root = root()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    let mut files = BTreeMap::new();
    for (folder, to) in FOLDERS {
        walk(&root.join(folder), to, &mut files)?;
    }
    for (manifest, to) in MANIFESTS {
        let made = out.join(to.replace('/', "-"));
        fs::write(&made, standing_alone(&root, manifest)?)?;
        files.insert(to.to_owned(), made);
    }
    let mut list = String::from("&[\n");
    for (to, path) in &files {
        writeln!(list, "    ({to:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    fs::write(out.join("vendor.rs"), list)
}

fn root() -> io::Result<PathBuf> {
    let host =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("no CARGO_MANIFEST_DIR"))?);
    host.parent().map(Path::to_owned).ok_or_else(|| io::Error::other("the package has no workspace"))
}

fn walk(folder: &Path, to: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    watch(folder);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let (path, to) = (entry.path(), format!("{to}/{name}"));
        if entry.file_type()?.is_dir() {
            walk(&path, &to, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "wit") {
            watch(&path);
            files.insert(to, path);
        }
    }
    Ok(())
}

fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// The `Cargo.toml` at `manifest` with everything that it has of the
/// workspace written out, and without what only this workspace's tests need.
fn standing_alone(root: &Path, manifest: &str) -> io::Result<String> {
    let workspace_path = root.join("Cargo.toml");
    watch(&workspace_path);
    watch(&root.join(manifest));
    let workspace = fs::read_to_string(workspace_path)?;
    let mut section = String::new();
    let mut out = String::new();
    for line in fs::read_to_string(root.join(manifest))?.lines() {
        if line.starts_with('[') {
            line.clone_into(&mut section);
        }
        if section == "[lints]" || section == "[dev-dependencies]" {
            continue;
        }
        let line = match line.split_once('=').filter(|(_, value)| line.contains("workspace") && !value.is_empty()) {
            Some((key, value)) => written_out(&workspace, key.trim(), value.trim())?,
            None => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out)
}

/// `serde.workspace = true` or `serde = { workspace = true, optional = true }`, written out.
fn written_out(workspace: &str, key: &str, value: &str) -> io::Result<String> {
    let name = key.trim_end_matches(".workspace");
    let found = workspace
        .lines()
        .find_map(|line| line.split_once('=').filter(|(found, _)| found.trim() == name))
        .map(|(_, found)| found.trim().to_owned())
        .ok_or_else(|| io::Error::other(format!("{name}: not in the workspace's Cargo.toml")))?;
    let found = found.replace("\"plugin-sdk/macros\"", "\"macros\"");
    let more = value
        .trim_start_matches('{')
        .trim_end_matches('}')
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "true" && !part.starts_with("workspace"))
        .collect::<Vec<_>>()
        .join(", ");
    Ok(match (more.is_empty(), found.strip_suffix('}')) {
        (true, _) => format!("{name} = {found}"),
        (false, Some(table)) => format!("{name} = {}, {more} }}", table.trim_end()),
        (false, None) => format!("{name} = {{ version = {found}, {more} }}"),
    })
}
