use bulkhead_base::Digest;
use serde::Deserialize;

use crate::json::Json;

/// One skill (SEP-2640): a folder of instructions. Every file of it is signed
/// by its digest, so what a client reads is what an operator accepted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SkillContract {
    /// Of its `SKILL.md`.
    pub uri: String,
    /// A JSON object: what stands at the head of its `SKILL.md`.
    pub frontmatter: Json,
    /// Every file in its folder, `SKILL.md` among them.
    pub resources: Vec<SkillFile>,
}

/// One file of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SkillFile {
    pub uri: String,
    /// Of its bytes.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
    #[serde(default)]
    pub mime_type: Option<String>,
}

/// The two members that every frontmatter has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SkillHead {
    pub name: String,
    pub description: String,
}

/// What follows the folder in the URI of a skill.
const MANIFEST: &str = "/SKILL.md";

impl SkillContract {
    /// The folder's URI, without a slash at its end. The whole URI, if it is
    /// no skill's; a contract that was checked has none such.
    #[must_use]
    pub fn root(&self) -> &str {
        self.uri.strip_suffix(MANIFEST).unwrap_or(&self.uri)
    }

    /// Its name and what it is for.
    #[must_use]
    pub fn head(&self) -> Option<SkillHead> {
        serde_json::from_str(self.frontmatter.as_str()).ok()
    }
}
