//! A plugin's source folder, in whichever language.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use bulkhead_package::{PluginToml, limits::MAX_PLUGIN_TOML_BYTES};
use bulkhead_registry::read_capped;
use semver::Version;

use super::{BuildError, Language, Step, c, go, javascript, python, rust};

/// A plugin's source folder.
#[derive(Clone, Debug)]
pub struct Source {
    dir: PathBuf,
    plugin: PluginToml,
    language: Language,
}

/// What the compiler made, and what the language's own manifest says about it.
pub(super) struct Compiled {
    pub(super) component: Vec<u8>,
    pub(super) version: Option<Version>,
    pub(super) description: Option<String>,
}

/// How much a compiler is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// While somebody edits: a saved file is a new component within a second.
    Quick,
    /// What is handed on: small, and so quick to instantiate.
    Small,
}

impl Source {
    /// Whether `dir` looks like a plugin's source.
    #[must_use]
    pub fn is_in(dir: &Path) -> bool {
        dir.join("plugin.toml").is_file()
    }

    /// Reads what the author says about the source in `dir`.
    ///
    /// # Errors
    /// There is no `plugin.toml`, it is refused, or nothing tells the language.
    pub fn open(dir: &Path) -> Result<Self, BuildError> {
        let plugin = read_plugin_toml(&dir.join("plugin.toml"))?.ok_or_else(|| BuildError::NoSource(dir.into()))?;
        let dir = fs::canonicalize(dir).map_err(|source| BuildError::File { path: dir.into(), source })?;
        let language = Language::of(&dir).ok_or_else(|| BuildError::NoLanguage(dir.clone()))?;
        Ok(Self { dir, plugin, language })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the author says about it.
    #[must_use]
    pub const fn plugin(&self) -> &PluginToml {
        &self.plugin
    }

    pub(super) fn compile(&self, profile: Profile, progress: &mut dyn FnMut(Step)) -> Result<Compiled, BuildError> {
        match self.language {
            Language::Rust => rust::compile(&self.dir, profile, progress),
            Language::JavaScript => javascript::compile(self, progress),
            Language::Python => python::compile(self, profile, progress),
            Language::Go => go::compile(self, progress),
            Language::C => c::compile(self, progress),
        }
    }

    /// The world that the component is made for: it imports HTTP only if the
    /// plugin asks for a host.
    pub(super) fn world(&self) -> &'static str {
        if self.plugin.requests().http.is_empty() { "plugin" } else { "plugin-with-http" }
    }

    /// A folder below the source for what is made on the way.
    pub(super) fn scratch(&self) -> Result<PathBuf, BuildError> {
        let scratch = self.dir.join(".bulkhead");
        let failed = |source| BuildError::File { path: scratch.clone(), source };
        fs::create_dir_all(&scratch).map_err(failed)?;
        fs::write(scratch.join(".gitignore"), "*\n").map_err(failed)?;
        Ok(scratch)
    }
}

/// Reads a `plugin.toml`, if there is one.
///
/// # Errors
/// It is unreadable or refused.
pub fn read_plugin_toml(path: &Path) -> Result<Option<PluginToml>, BuildError> {
    let failed = |source| BuildError::File { path: path.into(), source };
    let Some(text) = read_manifest(path).map_err(failed)? else { return Ok(None) };
    PluginToml::parse(&text).map(Some).map_err(|source| BuildError::PluginToml { path: path.into(), source })
}

/// A manifest's text; `None` where there is no such file.
pub(super) fn read_manifest(path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    file.take(MAX_PLUGIN_TOML_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// What a compiler wrote.
pub(super) fn read_made(path: &Path) -> Result<Vec<u8>, BuildError> {
    read_capped(path).map_err(|source| BuildError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_what_it_is_or_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Source::open(folder.path()), Err(BuildError::NoSource(_))));
        fs::write(folder.path().join("plugin.toml"), "name = \"a\"").unwrap();
        let refused = Source::open(folder.path()).unwrap_err().to_string();
        assert!(
            refused.contains("expected one of Cargo.toml, package.json, pyproject.toml, go.mod, plugin.c"),
            "{refused}"
        );
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        assert_eq!(Source::open(folder.path()).unwrap().language, Language::JavaScript);
    }

    #[test]
    fn a_component_imports_http_if_the_plugin_asks_for_a_host() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.mod"), "module a\n").unwrap();
        let plain = "name = \"a\"\n";
        let asking = "name = \"a\"\n[[asks.http]]\nhost = \"a.example\"\nmethods = [\"GET\"]\n";
        for (text, world) in [(plain, "plugin"), (asking, "plugin-with-http")] {
            fs::write(folder.path().join("plugin.toml"), text).unwrap();
            assert_eq!(Source::open(folder.path()).unwrap().world(), world);
        }
    }
}
