//! `mcp.resource.read` and `write`: by URI, or by the name of a
//! resource or template and its parameters.
//!
//! **Invariant:** a name is only another way to spell a URI. What is decided
//! on, leased and asked for is the URI.

use bulkhead_base::OperationKind;
use bulkhead_protocol::{Content, Fault, ResourceRef, Retry, json::Json};
use bulkhead_registry::{Catalogue, Named, Owned as _, Snapshot};
use bulkhead_sandbox::{Ask, answer::Body};
use tracing::Instrument as _;

use crate::{
    admin::{Ending, Kind},
    pipeline::{
        ask::Asker,
        dispatch::Stop,
        heard::Heard,
        invoke::{Errand, Round},
        resources::{Came, Known, known},
    },
    render::{Failed, reading, unlike_template, written},
    screening::Screened,
};

impl Asker<'_> {
    pub(super) async fn guide_read(&self, resource: &ResourceRef<'_>) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let uri = uri_of(&snapshot.catalogue, resource)?;
        let known = known(&snapshot, &uri).ok_or_else(|| Fault::resource_not_found(self.era(), &uri))?;
        let errand = self.errand(Kind::Read)?;
        let names = snapshot.catalogue.names_of(&uri);
        match self.read(&errand, &snapshot, &known, &names, &Retry::default()).await? {
            Came::Read(read, _) => Ok(reading(self.id(), &read, &errand.noted)),
            // Nobody of this dialect is handed questions.
            Came::Asked(_) => Err(crate::render::unasked().into()),
        }
    }

    pub(super) async fn guide_write(
        &self,
        resource: &ResourceRef<'_>,
        content: &Content<'_>,
        if_match: Option<&str>,
    ) -> Result<String, Stop> {
        let snapshot = self.snapshot();
        let uri = uri_of(&snapshot.catalogue, resource)?;
        let known = known(&snapshot, &uri).ok_or_else(|| Fault::resource_not_found(self.era(), &uri))?;
        let errand = self.errand(Kind::Write)?;
        let operation = known.operation(OperationKind::WriteResource);
        let contents = match content {
            Content::Text(text) => Body::Text(text.to_string()),
            Content::Blob(bytes) => Body::Blob(bytes.clone()),
        };
        let ask = Ask::Write { uri: uri.clone(), contents, if_match: if_match.map(str::to_owned) };
        let span = self.span(&errand, &operation);
        let etag = self.write(&errand, &snapshot, &known, ask).instrument(span).await?;
        Ok(written(self.id(), &uri, &etag))
    }

    async fn write(&self, errand: &Errand, snapshot: &Snapshot, known: &Known<'_>, ask: Ask) -> Result<Screened, Stop> {
        let operation = known.operation(OperationKind::WriteResource);
        let failed = |failed| self.failed(errand, failed, Some(&operation.item));
        let permit = self.permit(errand, &operation).map_err(failed)?;
        self.require(known.needs)?;
        match self.run(errand, snapshot, permit, ask, Round::default()).await {
            Ok(Heard::Written(etag)) => {
                errand.end(Ending::Answered);
                Ok(etag)
            }
            Ok(_) => Err(failed(Failed::Unfit("another kind of answer".to_owned()))),
            Err(trouble) => Err(failed(trouble)),
        }
    }
}

/// The URI that a request means.
fn uri_of(catalogue: &Catalogue, resource: &ResourceRef<'_>) -> Result<String, Fault> {
    let (id, params) = match resource {
        ResourceRef::Uri(uri) => return Ok(uri.to_string()),
        ResourceRef::Named { id, params } => (id, params.unwrap_or(Json::EMPTY_OBJECT)),
    };
    let unknown = || Fault::invalid_params("unknown resource");
    let (uri, owner) = match catalogue.named(id).ok_or_else(unknown)? {
        Named::Template(template) => {
            (template.expand(params).map_err(|error| unlike_template(&error))?, template.owner())
        }
        Named::Resource(_) if params.members().is_some_and(|members| !members.is_empty()) => {
            return Err(Fault::invalid_params("params.params: expected nothing, this resource has no parameters"));
        }
        Named::Resource(resource) => (resource.contract.uri.clone(), resource.owner()),
    };
    // Another plugin may answer for that very URI; it is not what was named.
    if catalogue.plugin_of(&uri).is_some_and(|plugin| plugin.name() == owner) { Ok(uri) } else { Err(unknown()) }
}
