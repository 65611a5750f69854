//! What a plugin offers, as it is told once, when it is packed.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::schema;

/// Everything that a plugin offers.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contract {
    /// Its tools.
    pub tools: Vec<Tool>,
    /// Its prompts.
    pub prompts: Vec<Prompt>,
    /// Its resources that always exist.
    pub resources: Vec<Resource>,
    /// Its families of resources.
    pub resource_templates: Vec<Template>,
    /// The URI schemes that it answers for.
    pub schemes: Vec<&'static str>,
    /// Whether it lists resources of its own.
    pub dynamic_resources: bool,
    /// Its skills.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Skill>,
}

impl Contract {
    /// As JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// One tool.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name, without the plugin's prefix.
    pub name: &'static str,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// What it does, for the model.
    pub description: &'static str,
    /// What it takes.
    pub input_schema: Box<RawValue>,
    /// What it gives, if that is structured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Box<RawValue>>,
    /// What its author claims.
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
    /// Pictures of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Its `_meta`.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<RawValue>>,
    /// Whether it runs as a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<Execution>,
    /// Whether an answer to its questions is taken once and never replayed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub single_use: bool,
    /// What a client must be able to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_capabilities: Vec<&'static str>,
}

/// The protocol's hints on a tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    /// It changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// It may destroy something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// Twice is the same as once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// It reaches beyond the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

impl Annotations {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A picture of an item.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Icon {
    /// An `https:` or `data:` URL.
    pub src: &'static str,
}

/// Whether a tool runs as a task.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// `optional` or `required`.
    pub task_support: &'static str,
}

/// How long a client may keep what a resource's reading is, if the reading does
/// not say so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cache {
    /// In milliseconds.
    pub ttl_ms: u64,
    /// `public`: for everybody; `private`: for the caller.
    pub scope: &'static str,
}

/// One prompt.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prompt {
    /// Its name, without the plugin's prefix.
    pub name: &'static str,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// What it is for.
    pub description: &'static str,
    /// What a user fills in.
    pub arguments: Vec<Argument>,
    /// Pictures of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Its `_meta`.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<RawValue>>,
    /// What a client must be able to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_capabilities: Vec<&'static str>,
}

/// One argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it must be given.
    pub required: bool,
}

/// The arguments of a prompt that takes a `T`.
pub fn arguments<T: schemars::JsonSchema>() -> Vec<Argument> {
    let fields = schema::fields::<T>().into_iter();
    fields.map(|(name, description, required)| Argument { name, description, required }).collect()
}

/// One resource that always exists.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Where it is.
    pub uri: &'static str,
    /// Its name.
    pub name: &'static str,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// What it is.
    pub description: &'static str,
    /// What its body is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'static str>,
    /// How many bytes it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Pictures of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Its `_meta`.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<RawValue>>,
    /// How long what is read may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<Cache>,
}

/// One family of resources.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Where they are.
    pub uri_template: &'static str,
    /// Its name.
    pub name: &'static str,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'static str>,
    /// What they are.
    pub description: &'static str,
    /// What their bodies are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<&'static str>,
    /// Pictures of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Its `_meta`.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<RawValue>>,
    /// How long what is read may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<Cache>,
}

/// One skill: a folder of instructions, as `skills:` in `plugin!` found it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Skill {
    /// Where its `SKILL.md` is.
    pub uri: &'static str,
    /// What stands at the head of its `SKILL.md`: a JSON object.
    pub frontmatter: Box<RawValue>,
    /// Every file in its folder.
    pub resources: Vec<SkillFile>,
}

/// One file of a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillFile {
    /// Where it is.
    pub uri: &'static str,
    /// `sha256:` and 64 hexadecimal digits, of its bytes.
    pub digest: &'static str,
    /// How many bytes it has.
    pub size: u64,
    /// What it is.
    pub mime_type: &'static str,
}
