//! A new plugin: files that build on their own, anywhere.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bulkhead_base::PluginName;

use super::{
    Flavour,
    kit::{self, Files, TEMPLATES, WIT},
};

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
pub fn begin(dir: &Path, name: &PluginName, flavour: Flavour) -> Result<(), NewError> {
    let taken = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken || dir.is_file() {
        return Err(NewError::NotEmpty(dir.into()));
    }
    for (path, text) in template(flavour) {
        write(&dir.join(written_as(path)), &text.replace("{name}", name.as_str()))?;
    }
    let vendored = WIT.iter().chain(kit::sdk(flavour.language()));
    vendored.into_iter().try_for_each(|(path, text)| write(&dir.join("vendor").join(path), text))
}

fn template(flavour: Flavour) -> Files {
    TEMPLATES.iter().find(|(folder, _)| *folder == flavour.name()).map_or(&[], |(_, files)| *files)
}

/// What a file of a template is called in a plugin: names that would mean
/// something to a tool while they lie here are spelled otherwise.
fn written_as(path: &str) -> String {
    let plain = path.strip_suffix(".txt").unwrap_or(path);
    plain.split('/').map(|part| part.replace("dot-", ".")).collect::<Vec<_>>().join("/")
}

fn write(path: &Path, text: &str) -> Result<(), NewError> {
    kit::write(path, text).map_err(|source| NewError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use bulkhead_package::PluginToml;

    use super::*;
    use crate::forge::Language;

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let name = "notes".parse().unwrap();
        assert!(matches!(begin(folder.path(), &name, Flavour::Rust), Err(NewError::NotEmpty(_))));
    }

    #[test]
    fn every_flavour_begins_with_what_tells_its_language_a_test_and_a_readme() {
        let folder = tempfile::tempdir().unwrap();
        let name = "notes".parse().unwrap();
        for flavour in Flavour::ALL {
            let dir = folder.path().join(flavour.name());
            begin(&dir, &name, flavour).unwrap();
            let plugin = PluginToml::parse(&fs::read_to_string(dir.join("plugin.toml")).unwrap()).unwrap();
            assert_eq!(plugin.name, name, "{flavour:?}");
            assert_eq!(Language::of(&dir), Some(flavour.language()));
            assert!(fs::read_to_string(dir.join("README.md")).unwrap().contains("notes"), "{flavour:?}");
            assert!(
                dir.join(".gitignore").is_file() && dir.join("vendor/wit/0.1.0/types.wit").is_file(),
                "{flavour:?}"
            );
        }
    }
}
