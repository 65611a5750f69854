//! A new plugin: files that build on their own, anywhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bulkhead_base::PluginName;

/// The SDK and the WIT package, by their paths below `vendor/`.
const VENDOR: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/vendor.rs"));

/// The rest, by their paths; `{name}` stands for the plugin's name.
const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("template/Cargo.toml.txt")),
    ("plugin.toml", include_str!("template/plugin.toml.txt")),
    ("README.md", include_str!("template/README.md.txt")),
    ("src/lib.rs", include_str!("template/lib.rs")),
    (".gitignore", "/target\n*.wasm\n*.pem\n"),
];

/// A plugin that cannot be begun.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    #[error("{}: exists already and is not empty; give another name, or an empty folder", .0.display())]
    NotEmpty(PathBuf),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

/// Writes a plugin of that name into `dir`, which does not exist or is empty.
///
/// # Errors
/// There is something in the folder, or it cannot be written.
pub fn begin(dir: &Path, name: &PluginName) -> Result<(), NewError> {
    let taken = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken || dir.is_file() {
        return Err(NewError::NotEmpty(dir.into()));
    }
    for (path, text) in FILES {
        write(&dir.join(path), &text.replace("{name}", name.as_str()))?;
    }
    VENDOR.iter().try_for_each(|(path, text)| write(&dir.join("vendor").join(path), text))
}

fn write(path: &Path, text: &str) -> Result<(), NewError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|source| NewError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_stands_alone() {
        let text = |wanted: &str| VENDOR.iter().find(|(path, _)| *path == wanted).map(|(_, text)| *text).unwrap();
        for manifest in ["bulkhead-sdk/Cargo.toml", "bulkhead-sdk/macros/Cargo.toml"] {
            assert!(!text(manifest).contains("workspace"), "{}", text(manifest));
            assert!(text(manifest).contains("edition = \"2024\""));
        }
        assert!(text("bulkhead-sdk/Cargo.toml").contains("path = \"macros\""));
        assert!(text("wit/0.1.0/types.wit").contains("package bulkhead:plugin"));
        assert!(VENDOR.iter().any(|(path, _)| path.starts_with("wit/0.1.0/deps/")));
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let name = "notes".parse().unwrap();
        assert!(matches!(begin(folder.path(), &name), Err(NewError::NotEmpty(_))));
        let fresh = folder.path().join("notes");
        begin(&fresh, &name).unwrap();
        let plugin = fs::read_to_string(fresh.join("plugin.toml")).unwrap();
        assert!(bulkhead_package::PluginToml::parse(&plugin).is_ok());
        assert!(fs::read_to_string(fresh.join("Cargo.toml")).unwrap().contains("name = \"notes\""));
    }
}
