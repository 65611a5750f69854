use bulkhead_base::PluginName;
use bulkhead_package::{Json, ManifestDraft, PluginToml, Requests, component::surface};
use semver::Version;

use super::BuildError;

/// What one source says about a plugin: flags, `plugin.toml`, `Cargo.toml`.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub name: Option<PluginName>,
    pub version: Option<Version>,
    pub description: Option<String>,
    pub publisher: Option<String>,
}

impl Given {
    /// What this says, and where it is silent, what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            version: self.version.or(other.version),
            description: self.description.or(other.description),
            publisher: self.publisher.or(other.publisher),
        }
    }
}

impl From<&PluginToml> for Given {
    fn from(plugin: &PluginToml) -> Self {
        let said = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            name: Some(plugin.name.clone()),
            version: plugin.version.clone(),
            description: said(&plugin.description),
            publisher: said(&plugin.publisher),
        }
    }
}

/// The manifest of `component`.
///
/// # Errors
/// Nobody says its name or version.
pub fn draft(component: &[u8], given: Given, requests: Requests, contract: Json) -> Result<ManifestDraft, BuildError> {
    Ok(ManifestDraft {
        name: given
            .name
            .ok_or(BuildError::Missing { what: "a name", how: "put a plugin.toml beside the file, or give --name" })?,
        version: given.version.ok_or(BuildError::Missing {
            what: "a version",
            how: "write `version = \"1.0.0\"` in plugin.toml, or give --version",
        })?,
        wit: surface(component)?.wit_version().unwrap_or_default().to_owned(),
        description: given.description.unwrap_or_default(),
        publisher: given.publisher.unwrap_or_default(),
        requests,
        contract,
    })
}
