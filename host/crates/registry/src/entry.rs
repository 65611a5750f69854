//! The items of a generation, as look-up, policy and listings need them.

use std::sync::Arc;

use bulkhead_base::{Digest, Operation, OperationKind, PluginName};
use bulkhead_package::{PromptContract, ResourceContract, SkillContract, TemplateContract, ToolContract};
use bulkhead_prompts::Prompt;
use bulkhead_protocol::{
    ParamHeader,
    json::{Compact, Json},
};
use bulkhead_sandbox::CompiledPlugin;

use crate::{
    listing::Listing,
    schema::Schema,
    shelf::Listed,
    template::{ExpandError, UriTemplate},
};

/// What belongs to one entry of the configuration.
pub trait Owned {
    /// The entry's name.
    fn owner(&self) -> &PluginName;
}

/// The names of one tool or prompt.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// As listed.
    pub(crate) public: String,
    /// The other spelling; empty if there is none.
    pub(crate) other: String,
    /// `prefix.item`: what policy, logs and records say.
    pub(crate) dotted: Arc<str>,
}

/// One tool.
pub struct ToolEntry {
    pub(crate) owner: PluginName,
    pub(crate) names: Names,
    /// What its plugin calls it.
    pub item: Arc<str>,
    pub plugin: Arc<CompiledPlugin>,
    /// As it was signed.
    pub contract: ToolContract,
    pub listing: Listing,
    /// As a signed manifest has it.
    pub pin: Compact,
    /// As the guide's dialect lists it.
    pub guide: Compact,
    /// Over everything about it that a model reads, as the guide computes it.
    pub checksum: Digest,
    pub input: Schema,
    pub output: Option<Schema>,
    /// Whether the output schema is one that the handshake era knows.
    pub output_is_object: bool,
    /// Arguments that a client repeats as header fields.
    pub param_headers: Vec<ParamHeader>,
}

/// One prompt.
pub struct PromptEntry {
    pub(crate) owner: PluginName,
    pub(crate) names: Names,
    pub contract: PromptContract,
    pub listing: Listing,
    /// As a signed manifest has it.
    pub pin: Compact,
    pub source: PromptSource,
}

/// Who fills a prompt.
pub enum PromptSource {
    /// A plugin, which calls it `item`.
    Plugin { item: Arc<str>, plugin: Arc<CompiledPlugin> },
    /// The host, from a template of the operator's own.
    Template(Arc<Prompt>),
}

/// One resource that always exists.
pub struct ResourceEntry {
    pub(crate) owner: PluginName,
    /// `prefix.name`: what the guide calls it, if that is a name.
    pub dotted: Option<Arc<str>>,
    pub plugin: Arc<CompiledPlugin>,
    pub contract: ResourceContract,
    pub listing: Listing,
    /// As the guide's dialect lists it.
    pub guide: Compact,
}

/// One family of resources.
pub struct TemplateEntry {
    pub(crate) owner: PluginName,
    /// `prefix.name`: what the guide calls it, if that is a name.
    pub dotted: Option<Arc<str>>,
    pub(crate) template: UriTemplate,
    pub plugin: Arc<CompiledPlugin>,
    pub contract: TemplateContract,
    pub listing: Listing,
    /// As a signed manifest has it.
    pub pin: Compact,
    /// As the guide's dialect lists it.
    pub guide: Compact,
}

/// One skill. Its files are in [`SkillFiles`](crate::SkillFiles).
pub struct SkillEntry {
    pub(crate) owner: PluginName,
    pub contract: SkillContract,
    pub listing: Listing,
}

impl ToolEntry {
    /// `prefix.item`: what scopes, logs and records say.
    #[must_use]
    pub const fn dotted(&self) -> &Arc<str> {
        &self.names.dotted
    }

    /// Calling it, to be decided on.
    #[must_use]
    pub fn operation(&self) -> Operation {
        Operation { kind: OperationKind::CallTool, plugin: self.owner.clone(), item: self.names.dotted.clone() }
    }
}

impl PromptEntry {
    /// `prefix.item`: what scopes, logs and records say.
    #[must_use]
    pub const fn dotted(&self) -> &Arc<str> {
        &self.names.dotted
    }

    /// Filling it, to be decided on.
    #[must_use]
    pub fn operation(&self) -> Operation {
        Operation { kind: OperationKind::GetPrompt, plugin: self.owner.clone(), item: self.names.dotted.clone() }
    }
}

impl TemplateEntry {
    /// Whether `uri` is one that the template stands for.
    #[must_use]
    pub fn fits(&self, uri: &str) -> bool {
        self.template.fits(uri)
    }

    /// The URI that the template makes of `params`, an object.
    ///
    /// # Errors
    /// The template has other parameters.
    pub fn expand(&self, params: Json<'_>) -> Result<String, ExpandError> {
        self.template.expand(params)
    }
}

macro_rules! owned {
    ($($entry:ty),*) => {$(
        impl Owned for $entry {
            fn owner(&self) -> &PluginName {
                &self.owner
            }
        }
    )*};
}

owned!(ToolEntry, PromptEntry, ResourceEntry, TemplateEntry, SkillEntry);

macro_rules! listed_by_names {
    ($($entry:ty),*) => {$(
        impl Listed for $entry {
            fn public_name(&self) -> &str {
                &self.names.public
            }

            fn other_name(&self) -> &str {
                &self.names.other
            }

            fn listing(&self) -> &Listing {
                &self.listing
            }
        }
    )*};
}

listed_by_names!(ToolEntry, PromptEntry);

macro_rules! listed_by_uri {
    ($($entry:ty: $uri:ident),*) => {$(
        impl Listed for $entry {
            fn public_name(&self) -> &str {
                &self.contract.$uri
            }

            fn other_name(&self) -> &str {
                ""
            }

            fn listing(&self) -> &Listing {
                &self.listing
            }
        }
    )*};
}

listed_by_uri!(ResourceEntry: uri, TemplateEntry: uri_template, SkillEntry: uri);
