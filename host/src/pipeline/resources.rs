//! `resources/read`.

use bulkhead_base::{Operation, OperationKind};
use bulkhead_package::{CacheHints, CacheScope, Capability};
use bulkhead_protocol::{
    Fault, Retry,
    json::Compact,
    write::{self, Cache},
};
use bulkhead_registry::{LoadedPlugin, Snapshot};
use bulkhead_sandbox::{
    Ask,
    answer::{Outcome, ReadReply, ResourceReading},
};
use tracing::Instrument as _;

use super::{
    ask::{Asker, origin},
    converse::{Settled, Step, Talk},
    dispatch::Stop,
    invoke::Errand,
};
use crate::{
    admin::{Ending, Kind},
    render::{Failed, ReadReading},
};

/// Longest URI that is looked up. Answers "a URI that is matched against every template".
const LONGEST_URI: usize = 8 << 10;

/// What the contract says of one URI.
struct Known<'a> {
    plugin: &'a LoadedPlugin,
    cache: Cache,
    needs: &'a [Capability],
}

/// Hints as the protocol writes them.
pub(super) fn cache(hints: CacheHints) -> Cache {
    let scope = match hints.scope {
        CacheScope::Public => write::CacheScope::Public,
        CacheScope::Private => write::CacheScope::Private,
    };
    Cache { ttl_ms: hints.ttl_ms, scope }
}

fn known<'a>(snapshot: &'a Snapshot, uri: &str) -> Option<Known<'a>> {
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
    Some(Known { plugin, cache: hints.map(cache).unwrap_or_default(), needs })
}

impl Asker<'_> {
    pub(super) async fn read_resource(&self, uri: &str, retry: &Retry<'_>) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let Some(known) = known(&snapshot, uri) else {
            return Err(Fault::resource_not_found(self.era(), uri).into());
        };
        let errand = self.errand(Kind::Read)?;
        let operation =
            Operation { kind: OperationKind::ReadResource, plugin: known.plugin.name().clone(), item: uri.into() };
        let span = self.span(&errand, &operation);
        self.read(&errand, &snapshot, &operation, &known, retry).instrument(span).await
    }

    async fn read(
        &self,
        errand: &Errand,
        snapshot: &Snapshot,
        operation: &Operation,
        known: &Known<'_>,
        retry: &Retry<'_>,
    ) -> Result<String, Stop> {
        let uri = &*operation.item;
        let failed = |failed| self.failed(errand, failed, Some(uri));
        let permit = self.permit(errand, operation).map_err(failed)?;
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
        let reading = match self.converse(&talk, permit, retry, step).await {
            Ok(Settled::Done(reading)) => reading,
            Ok(Settled::Asked(frame)) => return Ok(frame),
            Err(trouble) => return Err(self.troubled(errand, trouble, Some(uri))),
        };
        let read = ReadReading::read(reading).map_err(|error| failed(Failed::Unfit(error.to_string())))?;
        errand.end(Ending::Answered);
        if read.is_empty() {
            return Err(Fault::resource_not_found(self.era(), uri).into());
        }
        // What was answered after questions is this caller's alone, and once.
        let hints = if retry.is_first() { known.cache } else { Cache::default() };
        Ok(read.encode(self.envelope(), self.call.speech.revision, hints, &origin(errand.id)))
    }
}

fn step(outcome: Outcome) -> Option<Step<ResourceReading>> {
    match outcome {
        Outcome::Read(ReadReply::Done(reading)) => Some(Step::Done(reading)),
        Outcome::Read(ReadReply::InputRequired(input)) => Some(Step::Ask(input)),
        _ => None,
    }
}
