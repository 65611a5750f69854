//! Everything that is served, by name. Built from whole plugins: one whose
//! names meet another's is left out whole, and the one that was there stays.

use std::{collections::HashMap, sync::Arc};

use bulkhead_base::{PluginName, Prefix};
use bulkhead_prompts::Library;

use crate::{
    entry::{Owned, PromptEntry, ResourceEntry, SkillEntry, TemplateEntry, ToolEntry},
    loaded::{Item, LoadedPlugin},
    own_prompts::OwnPrompts,
    shelf::{Listed, Shelf},
    skills::SkillFiles,
};

/// Two plugins that want one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{newcomer} offers the {kind} {name:?}, which {holder} offers already; give one of them another prefix")]
pub struct Collision {
    pub newcomer: PluginName,
    pub holder: PluginName,
    pub kind: &'static str,
    pub name: String,
}

/// Everything that is served.
#[derive(Default)]
pub struct Catalogue {
    pub tools: Shelf<ToolEntry>,
    pub prompts: Shelf<PromptEntry>,
    pub resources: Shelf<ResourceEntry>,
    pub templates: Shelf<TemplateEntry>,
    pub skills: Shelf<SkillEntry>,
    pub skill_files: SkillFiles,
    schemes: HashMap<Box<str>, Arc<LoadedPlugin>>,
    /// Who holds a prefix.
    prefixes: HashMap<Prefix, PluginName>,
    plugins: Vec<Arc<LoadedPlugin>>,
    own_prompts: OwnPrompts,
}

impl Catalogue {
    /// Puts `plugins` together, those before others first served.
    #[must_use]
    pub fn assemble(plugins: impl IntoIterator<Item = Arc<LoadedPlugin>>) -> (Self, Vec<Collision>) {
        Self::with_own_prompts(&OwnPrompts::default(), plugins)
    }

    /// The same, with prompts that no plugin fills. No name of theirs is one
    /// that a plugin can have.
    #[must_use]
    pub(crate) fn with_own_prompts(
        own: &OwnPrompts,
        plugins: impl IntoIterator<Item = Arc<LoadedPlugin>>,
    ) -> (Self, Vec<Collision>) {
        let mut catalogue = Self { own_prompts: own.clone(), ..Self::default() };
        catalogue.prompts.add(own.entries().iter().cloned());
        let mut collisions = Vec::new();
        for plugin in plugins {
            match catalogue.collision(&plugin) {
                Some(collision) => collisions.push(collision),
                None => catalogue.add(plugin),
            }
        }
        catalogue.sort();
        (catalogue, collisions)
    }

    fn collision(&self, plugin: &LoadedPlugin) -> Option<Collision> {
        self.shared_prefix(plugin)
            .or_else(|| meets(self, &self.tools, &plugin.tools, "tool", plugin))
            .or_else(|| meets(self, &self.prompts, &plugin.prompts, "prompt", plugin))
            .or_else(|| meets(self, &self.resources, &plugin.resources, "resource", plugin))
            .or_else(|| meets(self, &self.templates, &plugin.templates, "resource template", plugin))
            .or_else(|| self.shared_scheme(plugin))
            .or_else(|| self.shared_folder(plugin))
    }

    /// One's skill inside another's folder would look like a part of it.
    fn shared_folder(&self, plugin: &LoadedPlugin) -> Option<Collision> {
        plugin.skills.iter().find_map(|skill| {
            let root = skill.contract.root();
            let compiled = self.skill_files.meets(root)?;
            let holder = self.plugins.iter().find(|plugin| plugin.runs(compiled))?;
            let (newcomer, name) = (plugin.name().clone(), root.to_owned());
            Some(Collision { newcomer, holder: holder.name().clone(), kind: "folder of a skill", name })
        })
    }

    fn shared_scheme(&self, plugin: &LoadedPlugin) -> Option<Collision> {
        plugin.schemes().iter().find_map(|scheme| {
            let holder = self.schemes.get(scheme.as_str())?;
            Some(Collision {
                newcomer: plugin.name().clone(),
                holder: holder.name().clone(),
                kind: "URI scheme",
                name: scheme.clone(),
            })
        })
    }

    fn shared_prefix(&self, plugin: &LoadedPlugin) -> Option<Collision> {
        let holder = self.prefixes.get(plugin.prefix())?;
        let (newcomer, name) = (plugin.name().clone(), plugin.prefix().to_string());
        Some(Collision { newcomer, holder: holder.clone(), kind: "prefix", name })
    }

    fn add(&mut self, plugin: Arc<LoadedPlugin>) {
        put(&mut self.tools, &plugin.tools, |tool| plugin.shows(&Item::Tool((&*tool.item).into())));
        put(&mut self.prompts, &plugin.prompts, |prompt| plugin.shows(&Item::Prompt((&*prompt.contract.name).into())));
        put(&mut self.resources, &plugin.resources, |it| plugin.shows(&Item::Resource(it.public_name().into())));
        put(&mut self.templates, &plugin.templates, |it| plugin.shows(&Item::Resource(it.public_name().into())));
        let shown = |skill: &SkillEntry| plugin.shows(&Item::Resource((&*skill.contract.uri).into()));
        put(&mut self.skills, &plugin.skills, shown);
        let roots: Vec<&str> = plugin.skills.iter().filter(|it| shown(it)).map(|it| it.contract.root()).collect();
        self.skill_files.add(&plugin.skill_files, &roots);
        for scheme in plugin.schemes() {
            self.schemes.insert(scheme.as_str().into(), plugin.clone());
        }
        if !plugin.prefix().as_str().is_empty() {
            self.prefixes.insert(plugin.prefix().clone(), plugin.name().clone());
        }
        self.plugins.push(plugin);
    }

    fn sort(&mut self) {
        self.tools.sort();
        self.prompts.sort();
        self.resources.sort();
        self.templates.sort();
        self.skills.sort();
        self.plugins.sort_by(|one, other| one.name().cmp(other.name()));
    }

    /// Every plugin that is served, in order of names.
    #[must_use]
    pub fn plugins(&self) -> &[Arc<LoadedPlugin>] {
        &self.plugins
    }

    /// The operator's own prompts, as the tree that they are.
    #[must_use]
    pub const fn library(&self) -> &Library {
        self.own_prompts.library()
    }

    /// The plugin that answers for `uri`: the one that contracted it, be it as
    /// a file of a skill, else one with a template that it fits, else the one that owns its scheme.
    #[must_use]
    pub fn plugin_of(&self, uri: &str) -> Option<&Arc<LoadedPlugin>> {
        let fits = || self.templates.items().iter().find(|template| template.fits(uri)).map(|t| t.plugin.as_ref());
        let contracted = self.resources.find(uri).map(|found| found.plugin.as_ref());
        let of_skill = || self.skill_files.find(uri).map(|file| file.plugin.as_ref());
        let name = contracted.or_else(of_skill).or_else(fits);
        match name {
            Some(compiled) => self.plugins.iter().find(|plugin| plugin.runs(compiled)),
            None => self.schemes.get(uri.split_once(':')?.0),
        }
    }
}

/// What the guide means by the name of a resource.
pub enum Named<'a> {
    Resource(&'a ResourceEntry),
    Template(&'a TemplateEntry),
}

impl Catalogue {
    /// The resource, or family of resources, that the guide calls `id`.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<Named<'_>> {
        let is_it = |dotted: &Option<Arc<str>>| dotted.as_deref() == Some(id);
        let template = self.templates.items().iter().find(|template| is_it(&template.dotted));
        let resource = || self.resources.items().iter().find(|resource| is_it(&resource.dotted));
        template.map(|found| Named::Template(found)).or_else(|| resource().map(|found| Named::Resource(found)))
    }

    /// What the guide calls `uri`, as far as its plugin says. None of it decides
    /// by itself what may be had: `decide_named` does.
    #[must_use]
    pub fn names_of(&self, uri: &str) -> Vec<Arc<str>> {
        let Some(plugin) = self.plugin_of(uri) else { return Vec::new() };
        let fixed = self.resources.find(uri).and_then(|resource| resource.dotted.clone());
        let templates = self.templates.items().iter();
        let fitting = templates.filter(|template| template.owner() == plugin.name() && template.fits(uri));
        fixed.into_iter().chain(fitting.filter_map(|template| template.dotted.clone())).collect()
    }
}

fn put<T: Listed>(shelf: &mut Shelf<T>, items: &[Arc<T>], shown: impl Fn(&T) -> bool) {
    let (shown, hidden): (Vec<_>, Vec<_>) = items.iter().cloned().partition(|item| shown(item));
    shelf.add(shown);
    hidden.iter().for_each(|item| shelf.reserve(item));
}

fn meets<T: Listed + Owned>(
    catalogue: &Catalogue,
    shelf: &Shelf<T>,
    items: &[Arc<T>],
    kind: &'static str,
    newcomer: &LoadedPlugin,
) -> Option<Collision> {
    let item = shelf.collision(items)?;
    let shown = shelf.find(item.public_name()).or_else(|| shelf.find(item.other_name())).map(|held| held.owner());
    let hidden =
        || catalogue.plugins.iter().find(|plugin| plugin.hides(item.public_name())).map(|plugin| plugin.name());
    let holder = shown.or_else(hidden)?.clone();
    Some(Collision { newcomer: newcomer.name().clone(), holder, kind, name: item.public_name().to_owned() })
}
