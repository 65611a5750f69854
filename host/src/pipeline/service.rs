//! The house, as transports see it.

use std::sync::Arc;

use bulkhead_protocol::Fault;
use bytes::Bytes;
use http::HeaderMap;

use super::{Host, streams};
use crate::{
    admin::count,
    authn::Admitted,
    manifest::Document,
    session::Dialogue,
    transport::service::{Card, Inbound, Named, Outbox, Reply, Seat, Service, TurnedAway},
};

/// A request that its head alone turns away.
fn away(fault: &Fault) -> TurnedAway {
    TurnedAway { status: fault.status, challenge: None, body: Bytes::from(fault.encode()) }
}

impl Service for Host {
    async fn admit(&self, headers: &HeaderMap) -> Result<Admitted, TurnedAway> {
        let terms = self.terms.load_full();
        terms.admit(headers).await.inspect_err(|_| {
            count(&self.metrics.unauthenticated);
            self.recorder.stranger();
        })
    }

    fn local(&self) -> Admitted {
        self.terms.load().local.clone()
    }

    fn named(&self, caller: &Admitted, headers: &HeaderMap) -> Named {
        self.session(caller, headers)
    }

    async fn call(self: Arc<Self>, inbound: Inbound, outbox: Outbox) -> Reply {
        self.answer(inbound, outbox).await
    }

    fn stream(&self, caller: &Admitted, headers: &HeaderMap) -> Result<(Arc<Dialogue>, Seat), TurnedAway> {
        let dialogue = self.session_of(caller, headers).map_err(|fault| away(&fault))?;
        Ok((dialogue, self.seat(caller.principal.id()).map_err(|fault| away(&fault))?))
    }

    async fn news(self: Arc<Self>, caller: Option<Admitted>, dialogue: Arc<Dialogue>, outbox: Outbox) {
        dialogue.agreed().await;
        let listener = || caller.clone().unwrap_or_else(|| self.local());
        streams::tell(&self, listener, &dialogue, &outbox).await;
    }

    fn end_session(&self, caller: &Admitted, headers: &HeaderMap) -> Result<(), TurnedAway> {
        self.end_of(caller, headers).map_err(|fault| away(&fault))
    }

    async fn card(&self, headers: &HeaderMap) -> Result<Card, TurnedAway> {
        self.own_card(headers).await
    }

    async fn manifest(&self, headers: &HeaderMap) -> Result<Document, TurnedAway> {
        self.own_manifest(headers).await
    }

    fn metadata(&self, path: &str) -> Option<Bytes> {
        self.terms.load().protected.as_ref()?.at(path)
    }
}
