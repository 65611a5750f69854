//! One request under way: who asks, from where, and how it ends early.

use std::sync::Arc;

use bulkhead_base::CallId;
use bulkhead_protocol::{Call, Era, Fault, RequestId, json::Compact, write::Answer};
use bulkhead_registry::Snapshot;
use bytes::Bytes;

use super::{Host, dispatch::Stop, docket::Docket, hearing::Place, may_take, tasks::Desk};
use crate::{
    authn::Admitted,
    inflight::Underway,
    render::{FORBIDDEN, Failed},
    screening::Noted,
    transport::{
        service::{Outbox, Reply, Said},
        slots::Slot,
    },
};

/// One request, and everything around it.
pub(super) struct Asker<'a> {
    pub(super) host: &'a Arc<Host>,
    pub(super) caller: &'a Admitted,
    /// The message that the call was read from.
    pub(super) frame: &'a Bytes,
    pub(super) call: &'a Call<'a>,
    pub(super) outbox: &'a Outbox,
    pub(super) place: &'a Place<'a>,
    /// The task that the request runs as, once it does.
    pub(super) task: Option<&'a Desk>,
    /// What it puts on the record.
    pub(super) docket: Docket,
}

impl Asker<'_> {
    /// Answers the request, unless its client gives it up or its caller is no
    /// longer let in.
    pub(super) async fn answer(&self, slot: &mut Option<Slot>) -> Result<Reply, Stop> {
        if !may_take(&self.call.request) {
            let answered = self.dispatch(slot).await;
            // Rights are taken away before anything newer is served, so that
            // nobody is answered about a newer snapshot under older rights.
            return if self.caller.gone.is_cancelled() { Err(no_longer_let_in()) } else { answered };
        }
        let underway = self.enter()?;
        tokio::select! {
            biased;
            () = self.caller.gone.cancelled() => Err(no_longer_let_in()),
            answered = self.dispatch(slot) => answered,
            () = given_up(underway.as_ref()) => Err(Stop::Abandoned),
        }
    }

    fn enter(&self) -> Result<Option<Underway>, Fault> {
        let Some(dialogue) = &self.place.dialogue else { return Ok(None) };
        let underway = dialogue.calls.enter(self.call.id.clone());
        underway.map(Some).ok_or_else(|| Fault::invalid_request("a request with this id is under way already"))
    }

    pub(super) fn era(&self) -> Era {
        self.call.era()
    }

    pub(super) const fn id(&self) -> &RequestId {
        &self.call.id
    }

    /// The error that the client reads of a failure that is no call's.
    pub(super) fn told(&self, failed: Failed) -> Stop {
        let told = failed.tell();
        if let Some(log) = &told.log {
            tracing::warn!(method = %self.call.method, principal = %self.caller.principal.id(), "{log}");
        }
        match told.client.tool_text() {
            Ok(text) => Fault::invalid_params(text).into(),
            Err(fault) => fault.into(),
        }
    }

    /// What is served while this request is answered. Taken once.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.host.registry.snapshot()
    }

    /// The envelope of the answer.
    pub(super) fn envelope(&self) -> Answer<'_> {
        Answer::new(&self.call.id, &self.call.speech, &self.host.offer.server)
    }

    /// Says something before the answer. What does not fit because its reader
    /// is slow is dropped: it was a hint, and the answer is not.
    pub(super) fn say(&self, message: String) {
        let _ = self.outbox.try_send(Said::Hint(Bytes::from(message)));
    }
}

fn no_longer_let_in() -> Stop {
    Fault::new(FORBIDDEN, "what let you in is no longer good").status(401).into()
}

async fn given_up(underway: Option<&Underway>) {
    match underway {
        Some(underway) => underway.given_up().await,
        None => std::future::pending().await,
    }
}

/// The host's own `_meta` on a call's answer: which call it was, and what was
/// found in what its plugin said.
pub(super) fn origin(call: CallId, noted: &Noted) -> Compact {
    Compact::write(|meta| {
        meta.str("dev.bulkhead/callId", &call.to_string());
        noted.write(meta);
    })
}

/// A whole answer.
pub(super) fn answered(frame: String) -> Reply {
    Reply::Answer { status: 200, body: Bytes::from(frame), session: None, challenge: None }
}
