//! Contract to entries: named, rendered, schemas compiled.

use std::sync::Arc;

use bulkhead_base::Digest;
use bulkhead_package::{Json, PromptContract, ResourceContract, SkillContract, TemplateContract, ToolContract};
use bulkhead_protocol::{
    json::{Compact, compact},
    param_headers,
};
use bulkhead_sandbox::CompiledPlugin;
use bulkhead_schema::Bounds;

use crate::{
    annotations::{self, Correction},
    entry::{Names, PromptEntry, PromptSource, ResourceEntry, SkillEntry, TemplateEntry, ToolEntry},
    guide,
    listing::{self, Form, Listing},
    load_error::{LONGEST_NAME, LoadError},
    page::cap_contracted,
    pin,
    placement::{Placement, Separator},
    schema::Schema,
    skills::FileEntry,
    template::UriTemplate,
};

/// What every `SKILL.md` is (SEP-2640, "Resource Metadata").
const SKILL_MIME_TYPE: &str = "text/markdown";

/// Makes the entries of one plugin.
pub(crate) struct Maker<'a> {
    pub(crate) placement: &'a Placement,
    pub(crate) compiled: &'a Arc<CompiledPlugin>,
    pub(crate) origin: Compact,
}

impl Maker<'_> {
    fn contract_digest(&self) -> Digest {
        self.compiled.granted().plugin().manifest().contract_digest.canonical
    }

    fn names(&self, kind: &'static str, item: &str) -> Result<Names, LoadError> {
        let Placement { prefix, separator, .. } = self.placement;
        let other = match separator {
            Separator::Underscore => Separator::Dot,
            Separator::Dot => Separator::Underscore,
        };
        let public = prefix.join(separator.as_str(), item);
        if public.len() > LONGEST_NAME {
            return Err(LoadError::LongName { kind, name: public });
        }
        if !is_plain(&public) {
            return Err(LoadError::BadName { kind, name: public });
        }
        let other = if prefix.as_str().is_empty() { String::new() } else { prefix.join(other.as_str(), item) };
        Ok(Names { public, other, dotted: prefix.join(Separator::Dot.as_str(), item).into() })
    }

    fn pin(&self, fields: &[&str], names: [&str; 2], listing: &Listing) -> Compact {
        pin::item(fields, names, listing, &self.origin)
    }

    /// What the guide calls a resource of this name.
    fn dotted(&self, name: &str) -> Option<Arc<str>> {
        is_plain(name).then(|| self.placement.prefix.join(Separator::Dot.as_str(), name).into())
    }

    /// An item's `_meta`, a page's content policy in it capped by the grants.
    fn meta(&self, meta: Option<&Json>) -> Option<Json> {
        cap_contracted(meta, &self.compiled.granted().grants().http)
    }

    pub(crate) fn tool(
        &self,
        contract: &ToolContract,
        corrections: &mut Vec<(String, Correction)>,
    ) -> Result<Arc<ToolEntry>, LoadError> {
        let mut contract = contract.clone();
        contract.meta = self.meta(contract.meta.as_ref());
        let contract = &contract;
        let tool = || contract.name.clone();
        let names = self.names("tool", &contract.name)?;
        let input = Schema::new(contract.input_schema.clone(), Bounds::Host);
        let output = contract.output_schema.clone().map(|schema| Schema::new(schema, Bounds::Schema));
        let schema = compact(contract.input_schema.as_str(), usize::MAX)?;
        let param_headers =
            param_headers(schema.json()).map_err(|source| LoadError::ParamHeader { tool: tool(), source })?;
        let (hints, corrected) =
            annotations::cap(contract.annotations.as_ref(), self.compiled.granted().grants().into());
        corrections.extend(corrected.into_iter().map(|correction| (tool(), correction)));
        let output_is_object = match &contract.output_schema {
            Some(schema) => listing::is_of_objects(&compact(schema.as_str(), usize::MAX)?),
            None => false,
        };
        let (guide, checksum) = guide::tool(&names.dotted, contract, &self.contract_digest());
        let listing = listing::tool(&names.public, contract, hints.as_ref(), &self.origin);
        Ok(Arc::new(ToolEntry {
            owner: self.placement.name.clone(),
            pin: self.pin(&pin::TOOL_FIELDS, [&names.public, &names.other], &listing),
            listing,
            guide,
            checksum,
            names,
            item: contract.name.as_str().into(),
            plugin: self.compiled.clone(),
            contract: contract.clone(),
            input,
            output,
            output_is_object,
            param_headers,
        }))
    }

    pub(crate) fn prompt(&self, contract: &PromptContract) -> Result<Arc<PromptEntry>, LoadError> {
        let names = self.names("prompt", &contract.name)?;
        if is_of_the_folder(&names) {
            return Err(LoadError::ReservedName { name: names.public });
        }
        let listing = listing::prompt(&names.public, contract, &self.origin);
        Ok(Arc::new(PromptEntry {
            owner: self.placement.name.clone(),
            pin: self.pin(&pin::PROMPT_FIELDS, [&names.public, &names.other], &listing),
            listing,
            names,
            contract: contract.clone(),
            source: PromptSource::Plugin { item: contract.name.as_str().into(), plugin: self.compiled.clone() },
        }))
    }

    pub(crate) fn resource(&self, contract: &ResourceContract) -> Arc<ResourceEntry> {
        let contract = &ResourceContract { meta: self.meta(contract.meta.as_ref()), ..contract.clone() };
        let dotted = self.dotted(&contract.name);
        Arc::new(ResourceEntry {
            owner: self.placement.name.clone(),
            guide: guide::resource(dotted.as_deref(), contract),
            dotted,
            plugin: self.compiled.clone(),
            contract: contract.clone(),
            listing: listing::resource(contract, &self.origin),
        })
    }

    pub(crate) fn template(&self, contract: &TemplateContract) -> Arc<TemplateEntry> {
        let contract = &TemplateContract { meta: self.meta(contract.meta.as_ref()), ..contract.clone() };
        let (dotted, template) = (self.dotted(&contract.name), UriTemplate::parse(&contract.uri_template));
        let listing = listing::template(contract, &self.origin);
        Arc::new(TemplateEntry {
            owner: self.placement.name.clone(),
            pin: self.pin(&pin::TEMPLATE_FIELDS, [&contract.uri_template, ""], &listing),
            guide: guide::template(dotted.as_deref(), contract, template.names()),
            dotted,
            template,
            plugin: self.compiled.clone(),
            contract: contract.clone(),
            listing,
        })
    }

    pub(crate) fn skill(&self, contract: &SkillContract) -> Arc<SkillEntry> {
        Arc::new(SkillEntry {
            owner: self.placement.name.clone(),
            listing: listing::skill(contract, &self.origin),
            contract: contract.clone(),
        })
    }

    /// The `SKILL.md` of a skill, which is a resource like any other.
    pub(crate) fn skill_manifest(&self, skill: &SkillContract) -> Option<Arc<ResourceEntry>> {
        let (head, file) = (skill.head()?, skill.resources.iter().find(|file| file.uri == skill.uri)?);
        let contract = ResourceContract {
            uri: skill.uri.clone(),
            name: head.name,
            title: None,
            description: Some(head.description),
            mime_type: Some(SKILL_MIME_TYPE.to_owned()),
            size: Some(file.size),
            annotations: None,
            icons: None,
            meta: None,
            cache: None,
            required_capabilities: Vec::new(),
        };
        Some(self.resource(&contract))
    }

    pub(crate) fn skill_files(&self, skill: &SkillContract) -> Vec<Arc<FileEntry>> {
        let manifest = self.skill_manifest(skill);
        let file = |file: &bulkhead_package::SkillFile| {
            let listed = manifest.as_ref().filter(|_| file.uri == skill.uri);
            let listing = match listed {
                Some(manifest) => manifest.listing.form(Form::Modern).clone(),
                None => listing::skill_file(file, &self.origin),
            };
            Arc::new(FileEntry { plugin: self.compiled.clone(), contract: file.clone(), listing })
        };
        skill.resources.iter().map(file).collect()
    }
}

/// What clients accept as a name.
fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    !name.is_empty() && name.bytes().all(plain)
}

/// Whether a prompt's names are ones that templates of the operator's may have.
fn is_of_the_folder(names: &Names) -> bool {
    let rest = names.dotted.strip_prefix(bulkhead_prompts::PREFIX);
    rest.is_some_and(|rest| rest.starts_with(['.', '_']))
}
