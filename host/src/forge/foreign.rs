//! Components that know nothing of Bulkhead: their contract is made of their
//! types, and what nobody says about them is taken from their names.

use std::path::Path;

use bulkhead_base::PluginName;
use bulkhead_package::{
    Json,
    component::{Surface, surface},
    foreign::Foreign,
};
use semver::Version;

use super::{BuildError, Given};

/// Whether a component's own comments become descriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    Kept,
    LeftOut,
}

/// The version of a component that has none.
const FIRST_VERSION: Version = Version::new(0, 1, 0);

/// The contract that a component's types make.
pub(super) fn contract(component: &[u8], outside: &Surface, comments: Comments) -> Result<Json, BuildError> {
    if let Some(unknown) = bulkhead_sandbox::unsupported(&outside.imports) {
        return Err(unknown.into());
    }
    Ok(Foreign::read(component, comments == Comments::Kept)?.contract()?)
}

/// What is taken where nobody says anything.
pub struct Defaults {
    pub given: Given,
    version_from: String,
}

/// What is taken for a component that knows nothing of Bulkhead; `None` for
/// another, whose author has to say.
///
/// # Errors
/// It is no component.
pub fn defaults(component: &[u8], file: &Path) -> Result<Option<Defaults>, BuildError> {
    let outside = surface(component)?;
    if outside.knows_bulkhead() {
        return Ok(None);
    }
    let versioned = outside.exports.iter().find_map(|name| {
        let version = name.rsplit_once('@')?.1.parse().ok()?;
        Some((version, name.clone()))
    });
    let (version, version_from) = versioned.unwrap_or((FIRST_VERSION, "nothing, for it has none".to_owned()));
    let given = Given { name: name_of(file), version: Some(version), ..Given::default() };
    Ok(Some(Defaults { given, version_from }))
}

impl Defaults {
    /// What of this is taken, for people: whatever `given` does not say.
    pub fn missing_from<'a>(&'a self, given: &Given) -> impl Iterator<Item = String> + 'a {
        let name = self.given.name.as_ref().filter(|_| given.name.is_none());
        let version = self.given.version.as_ref().filter(|_| given.version.is_none());
        let name = name.map(|name| format!("its name is {name}, from the file's (--name says another)"));
        let from = bulkhead_package::display::safe(&self.version_from);
        let version = version.map(|version| format!("its version is {version}, from {from} (--version says another)"));
        name.into_iter().chain(version)
    }
}

/// A plugin's name out of a file's.
fn name_of(file: &Path) -> Option<PluginName> {
    let stem = file.file_stem()?.to_str()?.to_ascii_lowercase();
    let plain = stem.replace(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit(), "-");
    let name = plain.trim_start_matches(|c: char| !c.is_ascii_lowercase()).trim_end_matches('-');
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_its_plugin() {
        for (file, name) in [("Docs_Adder.wasm", Some("docs-adder")), ("1-x.wasm", Some("x")), ("_.wasm", None)] {
            assert_eq!(name_of(Path::new(file)).map(|name| name.to_string()).as_deref(), name, "{file}");
        }
    }
}
