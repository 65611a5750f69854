//! A compiled plugin in its place: named, rendered, its schemas compiled.

use std::{collections::BTreeSet, sync::Arc};

use bulkhead_base::{OperationKind, PluginName, Prefix};
use bulkhead_package::{Contract, Manifest, PAGE_MIME_TYPE};
use bulkhead_sandbox::CompiledPlugin;

use crate::{
    annotations::Correction,
    entry::{PromptEntry, ResourceEntry, SkillEntry, TemplateEntry, ToolEntry},
    listing,
    load_error::LoadError,
    maker::Maker,
    page,
    placement::Placement,
    schema::Schema,
    shelf::Listed as _,
    skills::FileEntry,
    snapshot::Life,
    voice::Voice,
    wording::check_wording,
};

/// One item of a plugin, as its contract names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Tool(Box<str>),
    Prompt(Box<str>),
    /// By URI, or by URI template.
    Resource(Box<str>),
}

/// One generation of one plugin.
pub struct LoadedPlugin {
    placement: Placement,
    compiled: Arc<CompiledPlugin>,
    pub(crate) tools: Vec<Arc<ToolEntry>>,
    pub(crate) prompts: Vec<Arc<PromptEntry>>,
    pub(crate) resources: Vec<Arc<ResourceEntry>>,
    pub(crate) templates: Vec<Arc<TemplateEntry>>,
    pub(crate) skills: Vec<Arc<SkillEntry>>,
    pub(crate) skill_files: Vec<Arc<FileEntry>>,
    corrections: Vec<(String, Correction)>,
    capped: Vec<(String, String)>,
    hidden: BTreeSet<Item>,
    voice: Arc<Voice>,
    pub(crate) life: Arc<Life>,
}

impl LoadedPlugin {
    /// Puts `compiled` in its place. Compiles schemas: keep it off request paths.
    ///
    /// # Errors
    /// [`LoadError`]: nothing of the plugin is served.
    pub fn new(compiled: Arc<CompiledPlugin>, placement: Placement) -> Result<Self, LoadError> {
        let plugin = Self::unvetted(compiled, placement)?;
        plugin.vet()?;
        Ok(plugin)
    }

    /// Compiles every schema that nobody has compiled yet.
    ///
    /// # Errors
    /// [`LoadError::Schema`]: nothing of the plugin may be served.
    pub fn vet(&self) -> Result<(), LoadError> {
        for tool in &self.tools {
            for (which, schema) in [("input", Some(&tool.input)), ("output", tool.output.as_ref())] {
                let refused = |source| LoadError::Schema { tool: tool.item.to_string(), which, source };
                schema.map(Schema::compiled).transpose().map_err(refused)?;
            }
        }
        Ok(())
    }

    /// [`LoadedPlugin::new`] without the schemas: whoever serves it has it vetted
    /// soon, and until then a call compiles those that it needs.
    ///
    /// # Errors
    /// [`LoadError`]: nothing of the plugin is served.
    pub fn unvetted(compiled: Arc<CompiledPlugin>, placement: Placement) -> Result<Self, LoadError> {
        let manifest = compiled.granted().plugin().manifest();
        if [placement.name.as_str(), placement.prefix.as_str()].contains(&bulkhead_prompts::PREFIX) {
            return Err(LoadError::ReservedName { name: bulkhead_prompts::PREFIX.to_owned() });
        }
        answers(manifest, &compiled)?;
        check_wording(manifest)?;
        let maker = Maker {
            placement: &placement,
            compiled: &compiled,
            origin: listing::provenance(compiled.granted().plugin()),
        };
        let contract = &manifest.contract;
        if let Some((list, pattern)) = placement.tools.without_effect(contract) {
            let offered = contract.tools.iter().map(|tool| tool.name.to_string()).collect();
            return Err(LoadError::NoSuchTool { list, pattern: pattern.to_string(), offered });
        }
        pages(contract)?;
        let mut corrections = Vec::new();
        let shown = contract.tools.iter().filter(|tool| placement.tools.admits(&tool.name));
        let tools = shown.map(|tool| maker.tool(tool, &mut corrections)).collect::<Result<_, _>>()?;
        let prompts = contract.prompts.iter().map(|prompt| maker.prompt(prompt)).collect::<Result<_, _>>()?;
        let manifests = contract.skills.iter().filter_map(|skill| maker.skill_manifest(skill));
        let resources = contract.resources.iter().map(|resource| maker.resource(resource)).chain(manifests).collect();
        let templates = contract.resource_templates.iter().map(|template| maker.template(template)).collect();
        let skills = contract.skills.iter().map(|skill| maker.skill(skill)).collect();
        let skill_files = contract.skills.iter().flat_map(|skill| maker.skill_files(skill)).collect();
        let grants = compiled.granted().grants();
        let (voice, life) = (Arc::new(Voice::of(placement.screen, grants)), Arc::default());
        Ok(Self {
            capped: page::left_out(contract, &grants.http),
            voice,
            tools,
            prompts,
            resources,
            templates,
            skills,
            skill_files,
            corrections,
            placement,
            hidden: BTreeSet::new(),
            life,
            compiled,
        })
    }

    /// The name of its entry.
    #[must_use]
    pub const fn name(&self) -> &PluginName {
        &self.placement.name
    }

    /// Where it was put.
    #[must_use]
    pub const fn placement(&self) -> &Placement {
        &self.placement
    }

    /// What before its tools stands in listings.
    #[must_use]
    pub const fn prefix(&self) -> &Prefix {
        &self.placement.prefix
    }

    /// What runs.
    #[must_use]
    pub const fn compiled(&self) -> &Arc<CompiledPlugin> {
        &self.compiled
    }

    /// What its publisher signed.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.compiled.granted().plugin().manifest()
    }

    /// Its tools, hidden ones included.
    #[must_use]
    pub fn tools(&self) -> &[Arc<ToolEntry>] {
        &self.tools
    }

    /// Everything of it that somebody may be allowed, as it would be decided on.
    #[must_use]
    pub fn known_by(&self) -> Vec<(OperationKind, Arc<str>)> {
        let tools = self.tools.iter().map(|tool| (OperationKind::CallTool, tool.dotted().clone()));
        let prompts = self.prompts.iter().map(|prompt| (OperationKind::GetPrompt, prompt.dotted().clone()));
        let resources = self.resources.iter().map(|it| (it.contract.uri.as_str().into(), it.dotted.clone()));
        let templates = self.templates.iter().map(|it| (it.contract.uri_template.as_str().into(), it.dotted.clone()));
        let spellings = resources.chain(templates).flat_map(|(uri, dotted)| [uri].into_iter().chain(dotted));
        tools.chain(prompts).chain(spellings.map(|item| (OperationKind::ReadResource, item))).collect()
    }

    /// The URI schemes it answers for.
    #[must_use]
    pub fn schemes(&self) -> &[String] {
        &self.manifest().contract.schemes
    }

    /// Claims of safety that its grants do not bear out, by tool.
    #[must_use]
    pub fn corrections(&self) -> &[(String, Correction)] {
        &self.corrections
    }

    /// Domains that its pages name and no http grant covers, by item: left out.
    #[must_use]
    pub fn capped(&self) -> &[(String, String)] {
        &self.capped
    }

    /// How it is listened to.
    #[must_use]
    pub fn voice(&self) -> &Voice {
        &self.voice
    }

    /// Whether this generation runs exactly that code.
    #[must_use]
    pub fn runs(&self, compiled: &CompiledPlugin) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.compiled), compiled)
    }

    /// Whether a contracted item is listed right now.
    #[must_use]
    pub fn shows(&self, item: &Item) -> bool {
        !self.hidden.contains(item)
    }

    /// Whether an item of this listed name is hidden right now.
    pub(crate) fn hides(&self, public_name: &str) -> bool {
        let named = |name: &str, other: &str| name == public_name || other == public_name;
        self.tools.iter().any(|tool| named(tool.public_name(), tool.other_name()))
            || self.prompts.iter().any(|prompt| named(prompt.public_name(), prompt.other_name()))
            || self.resources.iter().any(|resource| resource.public_name() == public_name)
            || self.templates.iter().any(|template| template.public_name() == public_name)
    }

    /// Whether the contract names `item`.
    #[must_use]
    pub fn contracts(&self, item: &Item) -> bool {
        let contract = &self.manifest().contract;
        match item {
            Item::Tool(name) => contract.tools.iter().any(|tool| *tool.name == **name),
            Item::Prompt(name) => contract.prompts.iter().any(|prompt| *prompt.name == **name),
            Item::Resource(uri) => {
                contract.resources.iter().any(|resource| *resource.uri == **uri)
                    || contract.resource_templates.iter().any(|template| *template.uri_template == **uri)
                    || contract.skills.iter().any(|skill| *skill.uri == **uri)
            }
        }
    }

    /// The same generation with one item hidden or shown. `None` if nothing changes.
    pub(crate) fn with_visibility(&self, item: Item, visible: bool) -> Option<Self> {
        let mut hidden = self.hidden.clone();
        let changes = if visible { hidden.remove(&item) } else { hidden.insert(item) };
        changes.then(|| Self {
            placement: self.placement.clone(),
            compiled: self.compiled.clone(),
            tools: self.tools.clone(),
            prompts: self.prompts.clone(),
            resources: self.resources.clone(),
            templates: self.templates.clone(),
            skills: self.skills.clone(),
            skill_files: self.skill_files.clone(),
            corrections: self.corrections.clone(),
            capped: self.capped.clone(),
            voice: self.voice.clone(),
            hidden,
            life: self.life.clone(),
        })
    }
}

/// A page that another plugin could put in a tool's place would speak in its name.
fn pages(contract: &Contract) -> Result<(), LoadError> {
    let is_page = |uri: &str| {
        let fits = |resource: &&bulkhead_package::ResourceContract| {
            resource.uri == uri && resource.mime_type.as_deref() == Some(PAGE_MIME_TYPE)
        };
        uri.starts_with("ui://") && contract.resources.iter().any(|resource| fits(&resource))
    };
    let missing = |tool: &bulkhead_package::ToolContract| tool.page().filter(|page| !is_page(page));
    match contract.tools.iter().find_map(|tool| Some((tool, missing(tool)?))) {
        Some((tool, page)) => Err(LoadError::Page { tool: tool.name.clone(), page }),
        None => Ok(()),
    }
}

/// A contract that its component does not bear out would fail at every call.
fn answers(manifest: &Manifest, compiled: &CompiledPlugin) -> Result<(), LoadError> {
    let (contract, exports) = (&manifest.contract, compiled.exports());
    let resources = !contract.resources.is_empty()
        || !contract.resource_templates.is_empty()
        || !contract.schemes.is_empty()
        || !contract.skills.is_empty()
        || contract.dynamic_resources;
    let offered = [
        (!contract.tools.is_empty() && !exports.tools, "tools"),
        (!contract.prompts.is_empty() && !exports.prompts, "prompts"),
        (resources && !exports.resources, "resources"),
    ];
    match offered.into_iter().find(|(unanswered, _)| *unanswered) {
        Some((_, what)) => Err(LoadError::NotExported(what)),
        None => Ok(()),
    }
}
