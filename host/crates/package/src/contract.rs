//! What a plugin offers, as it was signed: the protocol's listing shapes,
//! names without prefix. Everything listed comes from here, and no plugin
//! code runs for it.

mod check;
mod skill;

use serde::{Deserialize, Serialize};

use crate::json::{Json, JsonError};

pub(crate) use check::{Place, description, line};
pub use skill::{SkillContract, SkillFile, SkillHead};

/// Everything that a plugin offers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Contract {
    pub tools: Vec<ToolContract>,
    pub prompts: Vec<PromptContract>,
    /// Resources that always exist.
    pub resources: Vec<ResourceContract>,
    pub resource_templates: Vec<TemplateContract>,
    /// URI schemes of which the plugin answers for every URI, lower case.
    pub schemes: Vec<String>,
    /// Whether the plugin lists resources of its own; listing them is a call.
    pub dynamic_resources: bool,
    /// Folders of instructions. Listing them runs nothing, and each file is
    /// served as it was signed.
    pub skills: Vec<SkillContract>,
    /// How long a client may keep the plugin's part of a listing.
    pub cache: Option<CacheHints>,
}

/// One tool.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ToolContract {
    /// `[A-Za-z0-9_.-]{1,64}`, without prefix.
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    /// A JSON Schema object whose root says `"type":"object"`.
    pub input_schema: Json,
    /// A JSON Schema object.
    #[serde(default)]
    pub output_schema: Option<Json>,
    /// What the author claims. A host caps it by what it granted.
    #[serde(default)]
    pub annotations: Option<ToolAnnotations>,
    /// A JSON array of the protocol's icons; `src` is `https:` or `data:`.
    #[serde(default)]
    pub icons: Option<Json>,
    /// A JSON object.
    #[serde(default, rename = "_meta")]
    pub meta: Option<Json>,
    #[serde(default)]
    execution: Execution,
    /// An answer to a question of this tool is taken once, never replayed.
    #[serde(default)]
    pub single_use: bool,
    #[serde(default)]
    pub cache: Option<CacheHints>,
    /// What a client must be able to do for the tool to make sense.
    #[serde(default)]
    pub required_capabilities: Vec<Capability>,
}

impl ToolContract {
    /// Whether the tool runs as a task.
    #[must_use]
    pub const fn task_support(&self) -> TaskSupport {
        self.execution.task_support
    }

    /// The page that shows what the tool answers (MCP Apps): `_meta.ui.resourceUri`.
    #[must_use]
    pub fn page(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Meta {
            ui: Ui,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Ui {
            resource_uri: String,
        }
        let meta: Meta = serde_json::from_str(self.meta.as_ref()?.as_str()).ok()?;
        Some(meta.ui.resource_uri)
    }
}

/// What a page is that shows a tool's answers (MCP Apps, 2026-01-26).
pub const PAGE_MIME_TYPE: &str = "text/html;profile=mcp-app";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Execution {
    task_support: TaskSupport,
}

/// Whether a tool runs as a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TaskSupport {
    #[default]
    Forbidden,
    Optional,
    Required,
}

/// Something that a client declares it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub enum Capability {
    #[serde(rename = "elicitation.form")]
    ElicitationForm,
    #[serde(rename = "elicitation.url")]
    ElicitationUrl,
    #[serde(rename = "sampling")]
    Sampling,
    #[serde(rename = "sampling.tools")]
    SamplingTools,
    #[serde(rename = "roots")]
    Roots,
    #[serde(rename = "tasks")]
    Tasks,
}

/// The protocol's hints on a tool, as the author claims them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ToolAnnotations {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

/// Who may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CacheScope {
    Public,
    Private,
}

/// How long a client may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CacheHints {
    pub ttl_ms: u64,
    pub scope: CacheScope,
}

/// One prompt.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PromptContract {
    /// `[A-Za-z0-9_.-]{1,64}`, without prefix.
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub arguments: Vec<PromptArgument>,
    #[serde(default)]
    pub icons: Option<Json>,
    #[serde(default, rename = "_meta")]
    pub meta: Option<Json>,
    #[serde(default)]
    pub required_capabilities: Vec<Capability>,
}

/// One argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PromptArgument {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub required: bool,
}

/// One resource that always exists.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceContract {
    pub uri: String,
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub mime_type: Option<String>,
    #[serde(default)]
    pub size: Option<u64>,
    /// A JSON object: `audience`, `priority`, `lastModified`.
    #[serde(default)]
    pub annotations: Option<Json>,
    #[serde(default)]
    pub icons: Option<Json>,
    #[serde(default, rename = "_meta")]
    pub meta: Option<Json>,
    #[serde(default)]
    pub cache: Option<CacheHints>,
    #[serde(default)]
    pub required_capabilities: Vec<Capability>,
}

/// A family of resources.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateContract {
    /// RFC 6570.
    pub uri_template: String,
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub mime_type: Option<String>,
    /// A JSON object: `audience`, `priority`, `lastModified`.
    #[serde(default)]
    pub annotations: Option<Json>,
    #[serde(default)]
    pub icons: Option<Json>,
    #[serde(default, rename = "_meta")]
    pub meta: Option<Json>,
    #[serde(default)]
    pub cache: Option<CacheHints>,
    #[serde(default)]
    pub required_capabilities: Vec<Capability>,
}

impl Contract {
    /// Reads a contract and checks every name, text and size in it.
    ///
    /// # Errors
    /// Something in it is not as it must be; the error says where.
    pub fn parse(json: &Json) -> Result<Self, JsonError> {
        let contract: Self = serde_json::from_str(json.as_str())
            .map_err(|error| JsonError { pointer: String::new(), problem: error.to_string() })?;
        check::contract(&contract)?;
        Ok(contract)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
            && self.prompts.is_empty()
            && self.resources.is_empty()
            && self.resource_templates.is_empty()
            && self.schemes.is_empty()
            && !self.dynamic_resources
            && self.skills.is_empty()
    }
}
