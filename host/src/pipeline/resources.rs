//! `resources/read`.

use std::sync::Arc;

use bulkhead_base::{Operation, OperationKind};
use bulkhead_package::{CacheHints, CacheScope, Capability};
use bulkhead_protocol::{
    Fault, Retry,
    json::Compact,
    write::{self, Cache},
};
use bulkhead_registry::{LoadedPlugin, Snapshot};
use bulkhead_sandbox::Ask;
use tracing::Instrument as _;

use super::{
    ask::Asker,
    converse::{Settled, Step, Talk},
    dispatch::Stop,
    heard::Heard,
    invoke::Errand,
};
use crate::{
    admin::{Ending, Kind},
    render::ReadReading,
};

/// Longest URI that is looked up. Answers "a URI that is matched against every template".
const LONGEST_URI: usize = 8 << 10;

/// What the contract says of one URI.
pub(super) struct Known<'a> {
    plugin: &'a LoadedPlugin,
    uri: &'a str,
    cache: Cache,
    pub(super) needs: &'a [Capability],
}

impl Known<'_> {
    /// Doing something with it, to be decided on.
    pub(super) fn operation(&self, kind: OperationKind) -> Operation {
        Operation { kind, plugin: self.plugin.name().clone(), item: self.uri.into() }
    }
}

/// Hints as the protocol writes them.
pub(super) fn cache(hints: CacheHints) -> Cache {
    let scope = match hints.scope {
        CacheScope::Public => write::CacheScope::Public,
        CacheScope::Private => write::CacheScope::Private,
    };
    Cache { ttl_ms: hints.ttl_ms, scope }
}

pub(super) fn known<'a>(snapshot: &'a Snapshot, uri: &'a str) -> Option<Known<'a>> {
    if uri.len() > LONGEST_URI {
        return None;
    }
    let catalogue = &snapshot.catalogue;
    let plugin = catalogue.plugin_of(uri)?;
    let (hints, needs): (_, &[Capability]) = match catalogue.resources.find(uri) {
        Some(fixed) => (fixed.contract.cache, &fixed.contract.required_capabilities),
        None => match catalogue.templates.items().iter().find(|template| template.fits(uri)) {
            Some(template) => (template.contract.cache, &template.contract.required_capabilities),
            None => (None, &[]),
        },
    };
    Some(Known { plugin, uri, cache: hints.map(cache).unwrap_or_default(), needs })
}

/// What became of a reading.
pub(super) enum Came {
    /// What was read, and how long it may be kept.
    Read(ReadReading, Cache),
    /// The client is handed questions: a whole frame.
    Asked(String),
}

impl Asker<'_> {
    pub(super) async fn read_resource(&self, uri: &str, retry: &Retry<'_>) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let known = known(&snapshot, uri).ok_or_else(|| Fault::resource_not_found(self.era(), uri))?;
        let errand = self.errand(Kind::Read)?;
        Ok(match self.read(&errand, &snapshot, &known, &[], retry).await? {
            Came::Read(read, cache) => read.encode(self.envelope(), self.call.speech.revision, cache, &errand.origin()),
            Came::Asked(frame) => frame,
        })
    }

    /// Reads what is `known`, and called `names` by the guide as well, up to
    /// what every dialect then words in its own way.
    pub(super) async fn read(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        known: &Known<'_>,
        names: &[Arc<str>],
        retry: &Retry<'_>,
    ) -> Result<Came, Stop> {
        let operation = known.operation(OperationKind::ReadResource);
        let span = self.span(errand, &operation);
        self.read_known(errand, snapshot, &operation, known, names, retry).instrument(span).await
    }

    async fn read_known(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        operation: &Operation,
        known: &Known<'_>,
        names: &[Arc<str>],
        retry: &Retry<'_>,
    ) -> Result<Came, Stop> {
        let uri = &*operation.item;
        let failed = |failed| self.failed(errand, failed, Some(uri));
        let permit = self.permit_named(errand, operation, names).map_err(failed)?;
        self.require(known.needs)?;
        let subject = Compact::value(|slot| slot.str(uri));
        let talk = Talk {
            errand,
            snapshot,
            operation,
            ask: &|| Ask::Read { uri: uri.to_owned() },
            subject: subject.as_str(),
            once: false,
        };
        let read = match self.converse(&talk, permit, retry, step).await {
            Ok(Settled::Done(read)) => read,
            Ok(Settled::Asked(frame)) => return Ok(Came::Asked(frame)),
            Err(trouble) => return Err(self.troubled(errand, trouble, Some(uri))),
        };
        errand.end(Ending::Answered);
        if read.is_empty() {
            return Err(Fault::resource_not_found(self.era(), uri).into());
        }
        // What was answered after questions is this caller's alone, and once.
        let hints = if retry.is_first() { known.cache } else { Cache::default() };
        Ok(Came::Read(read, hints))
    }
}

fn step(heard: Heard) -> Option<Step<ReadReading>> {
    match heard {
        Heard::Read(read) => Some(Step::Done(read)),
        Heard::Asks(input) => Some(Step::Ask(input)),
        _ => None,
    }
}
