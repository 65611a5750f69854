//! `mcp.resource.list`: what is contracted, then what each plugin lists itself,
//! in one answer, of what the caller may see.
//!
//! **Invariant:** who lists much takes nothing from who lists little.

use std::sync::Arc;

use bulkhead_base::OperationKind;
use bulkhead_protocol::{json::Compact, write};
use bulkhead_registry::Snapshot;

use super::walk::{Room, Walk};
use crate::pipeline::{ask::Asker, dispatch::Stop, lists::listing_plugins};

/// Room for what plugins list themselves, which they share. Answers "a plugin
/// that lists for ever". What is contracted needs none: it is bounded where it
/// is read.
const ROOM: Room = Room { items: 4_096, bytes: 4 << 20 };

impl Asker<'_> {
    pub(super) async fn guide_resources(&self) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let contracted = self.contracted(&snapshot);
        let mut walks: Vec<Walk<'_>> = listing_plugins(&snapshot).map(Walk::of).collect();
        walks.retain(|walk| self.sees_walk(walk));
        self.walk_all(&snapshot, &mut walks).await?;
        let all = contracted.into_iter().chain(walks.iter().flat_map(|walk| &walk.shown));
        Ok(write::guide_answer(self.id(), |slot| slot.array(|list| all.for_each(|item| list.raw(item)))))
    }

    fn contracted<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a Compact> {
        let resources = snapshot.catalogue.resources.items().iter();
        let resources = resources.map(|it| (&*it.contract.uri, it.dotted.as_slice(), &it.guide));
        let templates = snapshot.catalogue.templates.items().iter();
        let templates = templates.map(|it| (&*it.contract.uri_template, it.dotted.as_slice(), &it.guide));
        let all = resources.chain(templates).filter(|(uri, names, _)| self.sees(uri, names));
        all.map(|(_, _, guide)| guide).collect()
    }

    /// Whether a resource that has these names too is shown to the caller.
    pub(super) fn sees(&self, uri: &str, names: &[Arc<str>]) -> bool {
        let shown = |item: &str| self.may_see(OperationKind::ListResource, item);
        shown(uri) || names.iter().any(|name| shown(name))
    }

    /// Has all of them list, a page of each a round, until they are done or
    /// there is no room. What is left of it is shared anew in each round by
    /// those that go on.
    async fn walk_all(&self, snapshot: &Snapshot, walks: &mut [Walk<'_>]) -> Result<(), Stop> {
        let mut room = ROOM;
        loop {
            let going = walks.iter().filter(|walk| walk.goes_on()).count();
            let (share, before) = (room.among(going), room);
            for walk in walks.iter_mut().filter(|walk| walk.goes_on()) {
                if !walk.waits() {
                    self.next_page(snapshot, walk).await?;
                }
                room = room.without(walk.show(share));
            }
            let mut asks = walks.iter().filter(|walk| walk.goes_on() && !walk.waits());
            if room == before && asks.next().is_none() {
                let full = walks.iter_mut().filter(|walk| walk.waits());
                full.for_each(|walk| walk.cut("it lists more than its share of one answer"));
                return Ok(());
            }
        }
    }
}
