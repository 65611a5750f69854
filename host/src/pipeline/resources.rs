//! `resources/read`.

use bulkhead_base::{Operation, OperationKind};
use bulkhead_package::{CacheHints, CacheScope, Capability};
use bulkhead_protocol::{
    Fault, Retry,
    write::{self, Cache},
};
use bulkhead_registry::{LoadedPlugin, Snapshot};
use bulkhead_sandbox::{
    Ask,
    answer::{Outcome, ReadReply},
};
use tracing::Instrument as _;

use super::{
    ask::{Asker, origin},
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
        let round = self.round(retry)?;
        let outcome = self.run(errand, snapshot, permit, Ask::Read { uri: uri.to_owned() }, round).await;
        match outcome.map_err(failed)? {
            Outcome::Read(ReadReply::Done(reading)) => {
                let read = ReadReading::read(reading).map_err(|error| failed(Failed::Unfit(error.to_string())))?;
                if read.is_empty() {
                    errand.end(self.host, Ending::Answered);
                    return Err(Fault::resource_not_found(self.era(), uri).into());
                }
                errand.end(self.host, Ending::Answered);
                Ok(read.encode(self.envelope(), self.call.speech.revision, known.cache, &origin(errand.id)))
            }
            Outcome::Read(ReadReply::InputRequired(_)) => Err(self.not_asked(errand).into()),
            _ => Err(failed(Failed::Unfit("another kind of answer".to_owned()))),
        }
    }
}
