//! The four listings: pages put together from fragments that were rendered
//! once a generation, of what the caller may see.
//!
//! **Invariant:** a cursor names the last item that was seen, so a page after
//! a reload neither repeats nor skips what stayed.

use std::sync::Arc;

use bulkhead_base::{Operation, OperationKind};
use bulkhead_policy::may_list;
use bulkhead_protocol::{
    Cursor, Fault,
    json::Compact,
    write::{Cache, CacheScope},
};
use bulkhead_registry::{Listed, LoadedPlugin, Shelf, Snapshot};
use bulkhead_sandbox::Ask;
use tracing::Instrument as _;

use super::{
    ask::Asker,
    dispatch::Stop,
    heard::Heard,
    invoke::{Errand, Round},
    resources::cache,
};
use crate::{
    admin::{Ending, Kind},
    render::{Failed, ReadPage, dynamic_entry},
};

/// Most items, and most bytes of them, on one page. Large, since clients exist
/// that ask for the first page only.
pub(super) const PAGE_ITEMS: usize = 250;
const PAGE_BYTES: usize = 1 << 20;

/// Most pages of one plugin in one walk, and of all of them in one answer.
/// Answers "a plugin whose cursor never ends, which a client follows for ever",
/// and "one whose pages are empty, so that none of ours is ever full".
const MOST_PAGES: usize = 256;
const PAGES_AT_ONCE: usize = 64;

/// How long a client may keep a listing whose plugins do not say.
const LISTING_TTL_MS: u64 = 10_000;

/// Before the name in a cursor: of a contracted resource, or of a plugin whose
/// own resources come next.
const FIXED: char = 'f';
const DYNAMIC: char = 'd';

/// One page on its way.
#[derive(Default)]
struct Page {
    items: Vec<Compact>,
    bytes: usize,
    /// Where something was found first, of the calls that it took.
    origin: Option<Compact>,
}

impl Page {
    fn is_full(&self) -> bool {
        self.items.len() >= PAGE_ITEMS || self.bytes >= PAGE_BYTES
    }

    fn add(&mut self, item: Compact) {
        self.bytes += item.as_str().len();
        self.items.push(item);
    }
}

pub(super) fn decode(cursor: Option<&str>) -> Result<Option<Cursor>, Fault> {
    cursor.map(Cursor::decode).transpose()
}

impl Asker<'_> {
    pub(super) fn list_tools(&self, cursor: Option<&str>) -> Result<String, Fault> {
        let snapshot = self.snapshot();
        let may = |tool: &Arc<_>| self.may_see(OperationKind::CallTool, bulkhead_registry::ToolEntry::dotted(tool));
        self.list("tools", &snapshot, &snapshot.catalogue.tools, cursor, may)
    }

    pub(super) fn list_prompts(&self, cursor: Option<&str>) -> Result<String, Fault> {
        let snapshot = self.snapshot();
        let may =
            |prompt: &Arc<_>| self.may_see(OperationKind::GetPrompt, bulkhead_registry::PromptEntry::dotted(prompt));
        self.list("prompts", &snapshot, &snapshot.catalogue.prompts, cursor, may)
    }

    pub(super) fn list_templates(&self, cursor: Option<&str>) -> Result<String, Fault> {
        let snapshot = self.snapshot();
        let may = |template: &Arc<bulkhead_registry::TemplateEntry>| {
            self.may_see(OperationKind::ListResource, &template.contract.uri_template)
        };
        self.list("resourceTemplates", &snapshot, &snapshot.catalogue.templates, cursor, may)
    }

    pub(super) fn may_see(&self, kind: OperationKind, item: &str) -> bool {
        may_list(&self.caller.principal, kind, item)
    }

    pub(super) fn list<T: Listed>(
        &self,
        key: &str,
        snapshot: &Snapshot,
        shelf: &Shelf<T>,
        cursor: Option<&str>,
        may: impl Fn(&Arc<T>) -> bool,
    ) -> Result<String, Fault> {
        let cursor = decode(cursor)?;
        let (mut bytes, mut shown, mut next) = (0, Vec::new(), None);
        for item in shelf.after(cursor.as_ref().map(Cursor::name)).filter(|item| may(item)) {
            if shown.len() >= PAGE_ITEMS || bytes >= PAGE_BYTES {
                next = shown.last().map(|last: &&Arc<T>| Cursor::after(last.public_name()).encode());
                break;
            }
            bytes += item.listing().of_revision(self.call.speech.revision).as_str().len();
            shown.push(item);
        }
        Ok(self.envelope().cache(listing_cache(snapshot)).encode(|result| {
            result.array(key, |array| {
                for item in shown {
                    array.raw(item.listing().of_revision(self.call.speech.revision));
                }
            });
            result.maybe_str("nextCursor", next.as_deref());
        }))
    }

    /// Contracted resources first, then each plugin's own, which are a call
    /// like any other. A plugin that fails leaves its part out.
    pub(super) async fn list_resources(&self, cursor: Option<&str>) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let mut page = Page::default();
        let mut place = Some(start(&snapshot, decode(cursor)?)?);
        let mut asked = 0;
        while let Some(here) = place.take_if(|_| !page.is_full() && asked < PAGES_AT_ONCE) {
            place = match here.dynamic {
                None => self.fixed(&snapshot, &here.after, &mut page),
                Some(plugin) => self.dynamic(&snapshot, plugin, here, &mut page).await,
            };
            asked += 1;
        }
        let next = place.map(|place| place.encode());
        let envelope = self.envelope().cache(listing_cache(&snapshot)).own_meta(page.origin.as_ref());
        Ok(envelope.encode(|result| {
            result.array("resources", |array| page.items.iter().for_each(|item| array.raw(item)));
            result.maybe_str("nextCursor", next.as_deref());
        }))
    }

    fn fixed<'a>(&self, snapshot: &'a Snapshot, after: &str, page: &mut Page) -> Option<Place<'a>> {
        let after = Some(after).filter(|after| !after.is_empty());
        for resource in snapshot.catalogue.resources.after(after) {
            let uri = resource.public_name();
            if !self.may_see(OperationKind::ListResource, uri) {
                continue;
            }
            page.add(resource.listing().of_revision(self.call.speech.revision).clone());
            if page.is_full() {
                return Some(Place { after: uri.to_owned(), ..Place::default() });
            }
        }
        following(snapshot, None)
    }

    async fn dynamic<'a>(
        &self,
        snapshot: &'a Snapshot,
        plugin: &'a LoadedPlugin,
        Place { after, pages, .. }: Place<'a>,
        page: &mut Page,
    ) -> Option<Place<'a>> {
        let item = "".into();
        let operation = Operation { kind: OperationKind::ListResource, plugin: plugin.name().clone(), item };
        if !self.may_see(OperationKind::ListResource, "") {
            return following(snapshot, Some(plugin));
        }
        let Ok(errand) = self.errand(Kind::List) else { return following(snapshot, Some(plugin)) };
        let span = self.span(&errand, &operation);
        let listed = self.entries(&errand, snapshot, &operation, &[], Some(after).filter(|after| !after.is_empty()));
        let Some(listed) = listed.instrument(span).await else { return following(snapshot, Some(plugin)) };
        if !errand.noted.is_empty() {
            page.origin.get_or_insert_with(|| errand.origin());
        }
        for entry in &listed.entries {
            let own = snapshot.catalogue.plugin_of(&entry.uri).is_some_and(|owner| owner.name() == plugin.name());
            let fixed = snapshot.catalogue.resources.find(&entry.uri).is_some();
            if own && !fixed && self.may_see(OperationKind::ListResource, &entry.uri) {
                page.add(dynamic_entry(entry));
            }
        }
        match listed.next {
            Some(next) if pages + 1 < MOST_PAGES => {
                Some(Place { dynamic: Some(plugin), after: next, pages: pages + 1 })
            }
            Some(_) => {
                let name = plugin.name();
                tracing::warn!(plugin = %name, pages = MOST_PAGES, "its listing has more pages than one walk, and is cut");
                following(snapshot, Some(plugin))
            }
            None => following(snapshot, Some(plugin)),
        }
    }

    /// A page of a plugin's own resources, which the guide calls `names`.
    pub(super) async fn entries(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        operation: &Operation,
        names: &[Arc<str>],
        cursor: Option<String>,
    ) -> Option<ReadPage> {
        let heard = match self.permit_named(errand, operation, names) {
            Ok(permit) => self.run(errand, snapshot, permit, Ask::ListResources { cursor }, Round::default()).await,
            Err(failed) => Err(failed),
        };
        let failed = match heard {
            Ok(Heard::Listed(page)) => {
                errand.end(Ending::Answered);
                return Some(page);
            }
            Ok(_) => Failed::Unfit("another kind of answer".to_owned()),
            Err(failed) => failed,
        };
        errand.fail(failed);
        None
    }
}

/// Where a listing of resources goes on.
#[derive(Default)]
struct Place<'a> {
    /// The plugin whose own resources come next; `None`: contracted ones.
    dynamic: Option<&'a LoadedPlugin>,
    /// Behind this URI, or from this cursor of the plugin's on.
    after: String,
    /// How many pages of the plugin are behind it. A client that makes this up
    /// asks for more itself.
    pages: usize,
}

impl Place<'_> {
    fn encode(&self) -> String {
        let Self { dynamic, after, pages } = self;
        match dynamic {
            None => Cursor::after(&format!("{FIXED}{after}")).encode(),
            Some(plugin) => Cursor::after(&format!("{DYNAMIC}{}\0{pages}\0{after}", plugin.name())).encode(),
        }
    }
}

/// Where a cursor points to. A plugin that has gone since is passed over.
fn start(snapshot: &Snapshot, cursor: Option<Cursor>) -> Result<Place<'_>, Fault> {
    let Some(cursor) = cursor else { return Ok(Place::default()) };
    if let Some(uri) = cursor.name().strip_prefix(FIXED) {
        return Ok(Place { after: uri.to_owned(), ..Place::default() });
    }
    let place = || {
        let (name, rest) = cursor.name().strip_prefix(DYNAMIC)?.split_once('\0')?;
        let (pages, after) = rest.split_once('\0')?;
        let here = Place { dynamic: None, after: after.to_owned(), pages: usize::from(pages.parse::<u16>().ok()?) };
        let plugin = listing_plugins(snapshot).find(|plugin| plugin.name().as_str() >= name)?;
        let here = if plugin.name().as_str() == name { here } else { Place::default() };
        Some(Place { dynamic: Some(plugin), ..here })
    };
    place().ok_or_else(|| Fault::invalid_params("invalid cursor: expected nextCursor of an earlier page"))
}

/// The plugins that list resources of their own, in order of names.
pub(super) fn listing_plugins(snapshot: &Snapshot) -> impl Iterator<Item = &LoadedPlugin> {
    snapshot.catalogue.plugins().iter().map(AsRef::as_ref).filter(|plugin| plugin.manifest().contract.dynamic_resources)
}

/// The next plugin that lists resources of its own.
fn following<'a>(snapshot: &'a Snapshot, after: Option<&LoadedPlugin>) -> Option<Place<'a>> {
    let next = listing_plugins(snapshot).find(|plugin| after.is_none_or(|last| plugin.name() > last.name()));
    next.map(|plugin| Place { dynamic: Some(plugin), ..Place::default() })
}

/// What varies by caller is private; the shortest of what its plugins say.
pub(super) fn listing_cache(snapshot: &Snapshot) -> Cache {
    let told = snapshot.catalogue.plugins().iter().filter_map(|plugin| plugin.manifest().contract.cache);
    let ttl_ms = told.map(|hints| cache(hints).ttl_ms).min().unwrap_or(LISTING_TTL_MS);
    Cache { ttl_ms, scope: CacheScope::Private }
}
