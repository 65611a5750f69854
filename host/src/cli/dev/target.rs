//! What there is to serve: sources, folders of them, files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    cli::exit::{Exit, Failure},
    forge::Source,
};

/// One plugin to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A folder with a `plugin.toml`: built here.
    Source(PathBuf),
    /// A file that somebody else built: keeps its own signature.
    Prebuilt(PathBuf),
}

impl Target {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Source(path) | Self::Prebuilt(path) => path,
        }
    }

    /// What it is called until its name is known.
    pub(super) fn label(&self) -> String {
        let name = self.path().file_name().unwrap_or(self.path().as_os_str());
        bulkhead_package::display::safe(&name.to_string_lossy()).into_owned()
    }
}

/// Every plugin that `paths` name, each once.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<Target>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        let here = targets(path)?;
        if here.is_empty() {
            let text = format!(
                "{}: no plugin in it: expected a plugin.toml, or folders with one; `bulkhead new NAME` begins one",
                path.display()
            );
            return Err(Failure::new(Exit::USAGE, text));
        }
        found.extend(here);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn targets(path: &Path) -> Result<Vec<Target>, Failure> {
    let failed = |error: std::io::Error| {
        let hint =
            if error.kind() == std::io::ErrorKind::NotFound { "; `bulkhead new NAME` begins a plugin" } else { "" };
        Failure::new(Exit::USAGE, format!("{}: {error}{hint}", path.display()))
    };
    let path = fs::canonicalize(path).map_err(failed)?;
    if path.is_file() {
        return Ok(vec![Target::Prebuilt(path)]);
    }
    if Source::is_in(&path) {
        return Ok(vec![Target::Source(path)]);
    }
    let children = fs::read_dir(&path).map_err(failed)?.flatten().map(|entry| entry.path());
    Ok(children.filter(|child| Source::is_in(child)).map(Target::Source).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_folders_sources_and_files_are_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for name in ["plugins/b", "plugins/a", "plugins/none"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        for name in ["plugins/a/plugin.toml", "plugins/b/plugin.toml", "c.wasm"] {
            fs::write(root.join(name), "").unwrap();
        }
        let found = find(&[root.join("plugins"), root.join("plugins/a"), root.join("c.wasm")]).unwrap();
        let source = |name: &str| Target::Source(root.join(name));
        assert_eq!(found, [source("plugins/a"), source("plugins/b"), Target::Prebuilt(root.join("c.wasm"))]);
        assert!(find(&[root.join("plugins/none")]).is_err());
        assert!(find(&[root.join("nowhere")]).is_err());
    }
}
