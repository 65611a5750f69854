//! `mcp.resource.list`: what is contracted, then what each plugin lists itself,
//! in one answer, of what the caller may see.

use std::sync::Arc;

use bulkhead_base::{Operation, OperationKind};
use bulkhead_protocol::{Fault, json::Compact, write};
use bulkhead_registry::{LoadedPlugin, Snapshot};
use tracing::Instrument as _;

use crate::{
    admin::Kind,
    pipeline::{ask::Asker, dispatch::Stop, lists::listing_plugins},
    render::{guide_entry, too_many_resources},
};

/// Most resources, most bytes of them, and most pages of one plugin in one
/// answer, which has no pages itself. Answers "a plugin that lists for ever".
const MOST_ITEMS: usize = 4_096;
const MOST_BYTES: usize = 4 << 20;
const MOST_PAGES: usize = 64;

/// An answer on its way.
#[derive(Default)]
struct Answer {
    items: Vec<Compact>,
    bytes: usize,
}

impl Answer {
    fn add(&mut self, item: Compact) -> Result<(), Fault> {
        self.bytes += item.as_str().len();
        self.items.push(item);
        if self.items.len() > MOST_ITEMS || self.bytes > MOST_BYTES { Err(too_many_resources()) } else { Ok(()) }
    }
}

impl Asker<'_> {
    pub(super) async fn guide_resources(&self) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let mut answer = Answer::default();
        for resource in snapshot.catalogue.resources.items() {
            if self.sees(&resource.contract.uri, resource.dotted.as_slice()) {
                answer.add(resource.guide.clone())?;
            }
        }
        for template in snapshot.catalogue.templates.items() {
            if self.sees(&template.contract.uri_template, template.dotted.as_slice()) {
                answer.add(template.guide.clone())?;
            }
        }
        for plugin in listing_plugins(&snapshot) {
            self.add_own(&snapshot, plugin, &mut answer).await?;
        }
        Ok(write::guide_answer(self.id(), |slot| {
            slot.array(|list| answer.items.iter().for_each(|item| list.raw(item)));
        }))
    }

    /// Whether a resource that has these names too is shown to the caller.
    fn sees(&self, uri: &str, names: &[Arc<str>]) -> bool {
        let shown = |item: &str| self.may_see(OperationKind::ListResource, item);
        shown(uri) || names.iter().any(|name| shown(name))
    }

    /// What a plugin lists itself, which the guide calls `prefix.list`. One
    /// that fails leaves its part out.
    async fn add_own(&self, snapshot: &Snapshot, plugin: &LoadedPlugin, answer: &mut Answer) -> Result<(), Stop> {
        let list: [Arc<str>; 1] = [plugin.prefix().join(".", "list").into()];
        if !self.sees("", &list) {
            return Ok(());
        }
        let operation = Operation { kind: OperationKind::ListResource, plugin: plugin.name().clone(), item: "".into() };
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let errand = self.errand(Kind::List)?;
            let span = self.span(&errand, &operation);
            let page = self.entries(&errand, snapshot, &operation, &list, cursor).instrument(span).await;
            let Some(page) = page else { return Ok(()) };
            for entry in &page.entries {
                if !is_its_own(snapshot, plugin, &entry.uri) {
                    continue;
                }
                let names = snapshot.catalogue.names_of(&entry.uri);
                if self.sees(&entry.uri, &names) || self.sees(&entry.uri, &list) {
                    answer.add(guide_entry(entry, names.first().map(|name| &**name)))?;
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
        Err(too_many_resources().into())
    }
}

/// Whether `uri` is the plugin's, and not listed by its contract already.
fn is_its_own(snapshot: &Snapshot, plugin: &LoadedPlugin, uri: &str) -> bool {
    let owner = snapshot.catalogue.plugin_of(uri).map(|owner| owner.name());
    owner == Some(plugin.name()) && snapshot.catalogue.resources.find(uri).is_none()
}
