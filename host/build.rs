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

/// A list of files that is embedded.
struct Kit {
    /// What the list is called.
    name: &'static str,
    /// The folders that it is made of, and where they go below `vendor/`.
    folders: &'static [(&'static str, &'static str)],
}

const KITS: [Kit; 6] = [
    Kit { name: "WIT", folders: &[("wit/0.1.0", "wit/0.1.0")] },
    Kit {
        name: "SDK_RUST",
        folders: &[("plugin-sdk/src", "bulkhead-sdk/src"), ("plugin-sdk/macros/src", "bulkhead-sdk/macros/src")],
    },
    Kit { name: "SDK_JS", folders: &[("plugin-sdk/js", "bulkhead-sdk")] },
    Kit { name: "SDK_PYTHON", folders: &[("plugin-sdk/python/bulkhead", "bulkhead")] },
    Kit { name: "SDK_GO", folders: &[("plugin-sdk/go", "bulkhead")] },
    Kit { name: "SDK_C", folders: &[("plugin-sdk/c", "bulkhead")] },
];

/// The `Cargo.toml`s that are made to stand alone.
const MANIFESTS: [(&str, &str); 2] = [
    ("plugin-sdk/Cargo.toml", "bulkhead-sdk/Cargo.toml"),
    ("plugin-sdk/macros/Cargo.toml", "bulkhead-sdk/macros/Cargo.toml"),
];

/// Where the templates lie, a folder for each.
const TEMPLATES: &str = "host/src/forge/template";

/// What an SDK's folder holds besides the SDK: its tests, what tools leave there.
const LEFT_OUT: [&str; 11] = [
    "tests",
    "test",
    "build",
    "node_modules",
    "package-lock.json",
    "eslint.config.js",
    "target",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".gitignore",
];

/// What an SDK is made of.
const SOURCES: [&str; 16] =
    ["rs", "wit", "toml", "py", "typed", "js", "mjs", "ts", "json", "go", "mod", "s", "c", "h", "md", ""];

type Files = BTreeMap<String, PathBuf>;

fn main() -> io::Result<()> {
    let root = root()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    let mut kit = String::new();
    for Kit { name, folders } in KITS {
        let mut files = Files::new();
        for (folder, to) in folders {
            walk(&root.join(folder), to, &is_source, &mut files)?;
        }
        if name == "SDK_RUST" {
            manifests(&root, &out, &mut files)?;
        }
        writeln!(kit, "pub(in crate::forge) const {name}: &[(&str, &str)] = {};", list(&files))
            .map_err(io::Error::other)?;
    }
    kit.push_str(&templates(&root)?);
    fs::write(out.join("kit.rs"), kit)
}

/// The `Cargo.toml`s of the Rust SDK.
fn manifests(root: &Path, out: &Path, files: &mut Files) -> io::Result<()> {
    for (manifest, to) in MANIFESTS {
        let made = out.join(to.replace('/', "-"));
        fs::write(&made, standing_alone(root, manifest)?)?;
        files.insert(to.to_owned(), made);
    }
    Ok(())
}

/// Every template by its folder's name.
fn templates(root: &Path) -> io::Result<String> {
    let mut all = String::from("pub(in crate::forge) const TEMPLATES: &[(&str, &[(&str, &str)])] = &[\n");
    watch(&root.join(TEMPLATES));
    for folder in fs::read_dir(root.join(TEMPLATES))? {
        let folder = folder?;
        let mut files = Files::new();
        walk(&folder.path(), "", &|_| true, &mut files)?;
        let name = folder.file_name().to_string_lossy().into_owned();
        writeln!(all, "    ({name:?}, {}),", list(&files)).map_err(io::Error::other)?;
    }
    all.push_str("];\n");
    Ok(all)
}

/// A list of files, as Rust.
fn list(files: &Files) -> String {
    let file = |(to, path): (&String, &PathBuf)| format!("({to:?}, include_str!({:?}))", path.display().to_string());
    format!("&[{}]", files.iter().map(file).collect::<Vec<_>>().join(", "))
}

fn root() -> io::Result<PathBuf> {
    let host =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("no CARGO_MANIFEST_DIR"))?);
    host.parent().map(Path::to_owned).ok_or_else(|| io::Error::other("the package has no workspace"))
}

/// Whether something in an SDK's folder is a part of it.
fn is_source(path: &Path) -> bool {
    let is_left_out = path.file_name().is_some_and(|name| LEFT_OUT.iter().any(|left_out| name == *left_out));
    let extension = path.extension().unwrap_or_default();
    let is_test = path.to_string_lossy().ends_with("_test.go");
    !is_left_out && !is_test && (path.is_dir() || SOURCES.iter().any(|source| extension == *source))
}

fn walk(folder: &Path, to: &str, is_wanted: &dyn Fn(&Path) -> bool, files: &mut Files) -> io::Result<()> {
    watch(folder);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let to = if to.is_empty() { name } else { format!("{to}/{name}") };
        let path = entry.path();
        if !is_wanted(&path) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(&path, &to, is_wanted, files)?;
        } else {
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
