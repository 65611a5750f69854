//! `.bulkhead/dev/`: the development key, what was built, what plugins keep.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use bulkhead_base::PluginName;
use bulkhead_package::Keypair;

use crate::cli::exit::{Exit, Failure};

/// What belongs to Bulkhead itself. No plugin can be called so.
const OWN: &str = ".own";

/// The folder of one project's development.
#[derive(Clone, Debug)]
pub(super) struct Home {
    project: PathBuf,
    folder: PathBuf,
    own: PathBuf,
}

fn private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

impl Home {
    pub(super) fn open(project: &Path) -> Result<Self, Failure> {
        let failed =
            |path: &Path, error: &io::Error| Failure::new(Exit::FAILED, format!("{}: {error}", path.display()));
        let project = fs::canonicalize(project).map_err(|error| failed(project, &error))?;
        let folder = project.join(".bulkhead").join("dev");
        let own = folder.join(OWN);
        private(&own.join("built")).map_err(|error| failed(&own, &error))?;
        let ignore = project.join(".bulkhead").join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(|error| failed(&ignore, &error))?;
        }
        Ok(Self { project, folder, own })
    }

    pub(super) fn project(&self) -> &Path {
        &self.project
    }

    /// Where everything of the project's development lies.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where Bulkhead's own things are kept.
    pub(super) fn own(&self) -> &Path {
        &self.own
    }

    /// The development key, made if there is none.
    pub(super) fn key(&self) -> Result<Keypair, Failure> {
        let path = self.own.join("key.pem");
        let failed = |error: &bulkhead_package::KeyError| Failure::from_error(Exit::FAILED, error);
        if path.exists() {
            return Keypair::read(&path).map_err(|error| failed(&error));
        }
        let key = Keypair::generate().map_err(|error| failed(&error))?;
        key.write(&path).map_err(|error| failed(&error))?;
        Ok(key)
    }

    /// Where a built plugin is put.
    pub(super) fn built(&self, name: &PluginName) -> PathBuf {
        self.own.join("built").join(format!("{name}.wasm"))
    }

    /// The folder that a plugin sees at `guest`, made if need be.
    pub(super) fn files(&self, name: &PluginName, guest: &str) -> io::Result<PathBuf> {
        let below = guest.trim_start_matches('/').replace('/', "-");
        let folder = self.folder.join(name.as_str()).join(if below.is_empty() { "root" } else { &below });
        private(&folder)?;
        Ok(folder)
    }

    fn confirmed_path(&self) -> PathBuf {
        self.own.join("confirmed.json")
    }

    /// What was granted when asked, by source. An unreadable note is no note.
    fn confirmed(&self) -> BTreeMap<String, BTreeSet<String>> {
        let text = fs::read(self.confirmed_path()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Whether `line` was granted to this source before.
    pub(super) fn was_confirmed(&self, source: &Path, line: &str) -> bool {
        self.confirmed().get(&*source.to_string_lossy()).is_some_and(|lines| lines.contains(line))
    }

    /// Remembers that `line` was granted to this source.
    pub(super) fn confirm(&self, source: &Path, line: String) -> io::Result<()> {
        let mut confirmed = self.confirmed();
        confirmed.entry(source.to_string_lossy().into_owned()).or_default().insert(line);
        fs::write(self.confirmed_path(), serde_json::to_vec_pretty(&confirmed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_confirmations_are_kept() {
        let project = tempfile::tempdir().unwrap();
        let home = Home::open(project.path()).unwrap();
        let id = home.key().unwrap().public().id();
        let again = Home::open(project.path()).unwrap();
        assert_eq!(again.key().unwrap().public().id(), id);

        let source = Path::new("/somewhere/weather");
        assert!(!again.was_confirmed(source, "a"));
        again.confirm(source, "a".to_owned()).unwrap();
        assert!(again.was_confirmed(source, "a") && !again.was_confirmed(source, "b"));
        assert!(!again.was_confirmed(Path::new("/elsewhere/weather"), "a"));
    }

    #[test]
    fn every_guest_path_has_a_folder_of_the_plugins_own() {
        let project = tempfile::tempdir().unwrap();
        let home = Home::open(project.path()).unwrap();
        let name: PluginName = "file".parse().unwrap();
        let below =
            |guest| home.files(&name, guest).unwrap().strip_prefix(home.project()).unwrap().display().to_string();
        assert_eq!(below("/data/in"), ".bulkhead/dev/file/data-in");
        assert_eq!(below("/"), ".bulkhead/dev/file/root");
    }
}
