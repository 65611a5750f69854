//! One plugin's own resources, on their way into an answer that has no pages.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use bulkhead_base::{Operation, OperationKind};
use bulkhead_protocol::json::Compact;
use bulkhead_registry::{LoadedPlugin, Snapshot};
use tracing::Instrument as _;

use crate::{
    admin::Kind,
    pipeline::{ask::Asker, dispatch::Stop},
    render::guide_entry,
};

/// Most pages of one plugin that are asked for, and how long its pages may take
/// together before no other is. Answers "a plugin that lists for ever".
const MOST_PAGES: usize = 64;
const LONGEST: Duration = Duration::from_secs(10);

/// So many resources, and so many bytes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) items: usize,
    pub(super) bytes: usize,
}

impl Room {
    /// What each of so many has of it.
    pub(super) fn among(self, walks: usize) -> Self {
        Self { items: self.items / walks.max(1), bytes: self.bytes / walks.max(1) }
    }

    pub(super) const fn without(self, used: Self) -> Self {
        Self { items: self.items.saturating_sub(used.items), bytes: self.bytes.saturating_sub(used.bytes) }
    }

    const fn holds(self, other: Self) -> bool {
        self.items >= other.items && self.bytes >= other.bytes
    }
}

/// One plugin that lists.
pub(super) struct Walk<'a> {
    plugin: &'a LoadedPlugin,
    /// What the guide calls its listing.
    name: [Arc<str>; 1],
    pub(super) shown: Vec<Compact>,
    /// Of its last page, what has not found room yet.
    waiting: VecDeque<Compact>,
    /// The cursor of its next page; `None`: there is no other.
    next: Option<Option<String>>,
    pages: usize,
    took: Duration,
}

impl<'a> Walk<'a> {
    pub(super) fn of(plugin: &'a LoadedPlugin) -> Self {
        let name = [plugin.prefix().join(".", "list").into()];
        let (shown, waiting) = (Vec::new(), VecDeque::new());
        Self { plugin, name, shown, waiting, next: Some(None), pages: 0, took: Duration::ZERO }
    }

    pub(super) fn goes_on(&self) -> bool {
        self.waits() || self.next.is_some()
    }

    /// Whether only room is missing for it to go on.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Ends it before its end, which the operator is told.
    pub(super) fn cut(&mut self, why: &str) {
        (self.next, self.waiting) = (None, VecDeque::new());
        let (plugin, shown, pages) = (self.plugin.name(), self.shown.len(), self.pages);
        tracing::warn!(%plugin, shown, pages, "its listing is cut, and the others' are answered: {why}");
    }

    /// Shows what waits, as far as there is room. The room that it took.
    pub(super) fn show(&mut self, room: Room) -> Room {
        let mut used = Room::default();
        while let Some(item) = self.waiting.front() {
            let next = Room { items: used.items + 1, bytes: used.bytes + item.as_str().len() };
            if !room.holds(next) {
                break;
            }
            used = next;
            self.shown.extend(self.waiting.pop_front());
        }
        used
    }
}

impl Asker<'_> {
    /// Whether the caller is shown anything of this listing.
    pub(super) fn sees_walk(&self, walk: &Walk<'_>) -> bool {
        self.sees("", &walk.name)
    }

    /// Asks for the next page of a plugin, if there is one. One that fails
    /// leaves the rest out.
    pub(super) async fn next_page(&self, snapshot: &Snapshot, walk: &mut Walk<'_>) -> Result<(), Stop> {
        let Some(cursor) = walk.next.take() else { return Ok(()) };
        if walk.pages >= MOST_PAGES || walk.took >= LONGEST {
            walk.cut("it has more pages than one answer asks for, or is slow with them");
            return Ok(());
        }
        let errand = match self.errand(Kind::List) {
            Ok(errand) => errand,
            Err(stop) if walk.pages == 0 => return Err(stop),
            Err(_) => {
                walk.cut("the caller may ask for no other page right now");
                return Ok(());
            }
        };
        let (kind, item) = (OperationKind::ListResource, "".into());
        let operation = Operation { kind, plugin: walk.plugin.name().clone(), item };
        let (span, begun) = (self.span(&errand, &operation), Instant::now());
        let page = self.entries(&errand, snapshot, &operation, &walk.name, cursor).instrument(span).await;
        walk.took += begun.elapsed();
        walk.pages += 1;
        let Some(page) = page else { return Ok(()) };
        for entry in page.entries.iter().filter(|entry| is_its_own(snapshot, walk.plugin, &entry.uri)) {
            let names = snapshot.catalogue.names_of(&entry.uri);
            if self.sees(&entry.uri, &names) || self.sees(&entry.uri, &walk.name) {
                walk.waiting.push_back(guide_entry(entry, names.first().map(|name| &**name)));
            }
        }
        walk.next = page.next.map(Some);
        Ok(())
    }
}

/// Whether `uri` is the plugin's, and not listed by its contract already.
fn is_its_own(snapshot: &Snapshot, plugin: &LoadedPlugin, uri: &str) -> bool {
    let owner = snapshot.catalogue.plugin_of(uri).map(|owner| owner.name());
    owner == Some(plugin.name()) && snapshot.catalogue.resources.find(uri).is_none()
}
