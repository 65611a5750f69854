//! The call path: from a message to its answer.
//!
//! ```text
//! decode → session → look-up in one snapshot → decide → arguments → lease
//!        → a fresh instance, its reports streamed → answer checked → rendered
//! ```
//!
//! Each step is a short function in a file of its own; the same steps serve
//! both eras and the guide. **Absent:** wording (that is `render`), sockets
//! (`transport`), and the operator's verbs.

mod admit;
mod allowance;
mod ask;
mod budget;
mod card;
mod challenge;
mod changes;
mod complete;
mod converse;
mod dispatch;
mod docket;
mod fill;
mod guide;
mod handshake;
mod heard;
mod hearing;
mod intent;
mod invoke;
mod lists;
mod manifest;
mod prompts;
mod reports;
mod resources;
mod seal;
mod service;
mod skills;
mod streams;
mod surroundings;
mod tasks;
mod terms;
mod tools;

use std::sync::Arc;

use arc_swap::ArcSwap;
use bulkhead_base::Span;
use bulkhead_package::Trust;
use bulkhead_protocol::{
    Fault, Hearing, Incoming, Notification, Request, RequestId, Response, WireFacts, decode, json::Json, write::Offer,
};
use bulkhead_registry::Registry;
use bulkhead_sandbox::Engine;
use bulkhead_seal::Keyring;
use bulkhead_state::Spent;
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use self::{challenge::Protected, terms::Terms};

use self::{
    allowance::Allowances, ask::Asker, dispatch::Stop, docket::Docket, hearing::Place, seal::Seal, tasks::Tasks,
};
use crate::{
    admin::{Metrics, count},
    alerts::Alerts,
    folders::Interests,
    hub::Hub,
    manifest::Manifests,
    record::Recorder,
    render::{crowded, unrecorded},
    roots::Roots,
    screening::Screening,
    session::Sessions,
    shares::Shares,
    transport::{
        service::{Inbound, Outbox, Reply},
        slots::Slots,
    },
};

/// Everything that answering takes.
pub struct Host {
    pub(crate) engine: Arc<Engine>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) hub: Hub,
    pub(crate) alerts: Alerts,
    pub(crate) screening: Screening,
    pub(crate) recorder: Recorder,
    pub(crate) interests: Interests,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) closing: CancellationToken,
    pub(crate) manifests: Manifests,
    terms: ArcSwap<Terms>,
    /// Whom the operator trusts, for the registry alone: what is loaded is
    /// decided elsewhere.
    trust: ArcSwap<Trust>,
    offer: Offer,
    sessions: Sessions,
    allowances: Allowances,
    pub(crate) roots: Roots,
    streams: Arc<Semaphore>,
    listening: Shares,
    waiting: Shares,
    keyring: Arc<ArcSwap<Keyring>>,
    seal: Seal,
    /// `None` without a database: what outlives its request has nowhere to be.
    tasks: Option<Tasks>,
}

/// What a [`Host`] is made of.
pub struct Parts {
    pub engine: Arc<Engine>,
    pub registry: Arc<Registry>,
    pub hub: Hub,
    pub alerts: Alerts,
    pub recorder: Recorder,
    pub interests: Interests,
    pub metrics: Arc<Metrics>,
    pub closing: CancellationToken,
    pub terms: Terms,
    pub roots: Roots,
    /// What clients carry for us is sealed with these keys.
    pub keyring: Keyring,
    /// Which states of single use were used; `None` without a database.
    pub spent: Option<Spent>,
    /// Where tasks are kept, and for how long; `None` without a database.
    pub tasks: Option<bulkhead_state::Tasks>,
    pub task_ttl: Span,
    pub slots: Slots,
}

impl Host {
    /// Puts it together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { engine, registry, hub, alerts, recorder, interests, metrics, closing, terms, roots, .. } = parts;
        let (keyring, spent, slots) = (parts.keyring, parts.spent, parts.slots);
        let tasks = parts.tasks.map(|kept| Tasks::new(kept, slots, parts.task_ttl.duration(), metrics.clone()));
        let keyring = Arc::new(ArcSwap::from_pointee(keyring));
        terms.authn.begin(&metrics, &closing);
        Self {
            seal: Seal::new(keyring.clone(), spent),
            keyring: keyring.clone(),
            screening: Screening::new(metrics.clone()),
            engine,
            registry,
            hub,
            alerts,
            recorder,
            interests,
            metrics,
            closing,
            roots,
            manifests: Manifests::default(),
            terms: ArcSwap::from_pointee(terms),
            trust: ArcSwap::default(),
            offer: handshake::offer(tasks.is_some()),
            sessions: Sessions::new(keyring),
            allowances: Allowances::default(),
            streams: Arc::new(Semaphore::new(streams::MAX_STREAMS)),
            listening: Shares::default(),
            waiting: Shares::default(),
            tasks,
        }
    }

    /// From now on the first of these keys seals, and all of them open.
    pub fn reseal(&self, keyring: Keyring) {
        self.keyring.store(Arc::new(keyring));
    }

    /// From now on these terms hold. What relied on a key or right that is gone
    /// is cancelled.
    pub fn agree(&self, terms: Terms) {
        let older = self.terms.load_full();
        let terms = terms.succeed(&older);
        terms.authn.begin(&self.metrics, &self.closing);
        let terms = Arc::new(terms);
        self.terms.store(terms.clone());
        older.authn.leave(&terms.authn);
    }

    /// The file that the issuer's keys lie in has changed.
    pub fn reread_issuer(&self) {
        self.terms.load().authn.reread();
    }

    /// From now on this is whom the operator trusts.
    pub fn believe(&self, trust: Arc<Trust>) {
        self.trust.store(trust);
    }

    /// Looks after what is kept, until the house closes.
    pub(crate) async fn tend(&self) {
        if let Some(tasks) = &self.tasks {
            tasks.tend(&self.closing).await;
        }
    }

    /// Ends what outlives its requests: the grace is over.
    pub(crate) async fn cut_off(&self) {
        if let Some(tasks) = &self.tasks {
            tasks.close().await;
        }
    }

    /// An error as a whole answer, with what is to be brought for another.
    fn failed(&self, fault: &Fault) -> Reply {
        let challenge = self.terms.load().challenge_of(fault);
        Reply::Answer { status: fault.status, body: Bytes::from(fault.encode()), session: None, challenge }
    }

    /// Answers one message.
    async fn answer(self: &Arc<Self>, inbound: Inbound, outbox: Outbox) -> Reply {
        count(&self.metrics.requests);
        let Inbound { caller, frame, wire, slot } = inbound;
        let place = Place::of(&wire);
        let incoming = {
            let speech = place.dialogue.as_ref().and_then(|dialogue| dialogue.speech());
            let fields = place.fields();
            let wire = fields.as_ref().map_or(WireFacts::Stdio, |fields| WireFacts::Http(fields));
            decode(&frame, &Hearing { offered: self.terms.load().offered, session: speech.as_ref(), wire })
        };
        let call = match incoming {
            Ok(Incoming::Request(call)) => call,
            Ok(Incoming::Notification(note)) => return notified(&place, &note),
            Ok(Incoming::Response(response)) => return told(&place, response),
            Err(fault) => {
                count(&self.metrics.malformed);
                return place.refused(&fault);
            }
        };
        if let Err(fault) = place.suits(&call) {
            return failed(&fault.to(call.id));
        }
        // Held until what is answered is on the record: who waits for calls to end waits for that.
        let mut slot = slot;
        if slot.is_none() {
            return failed(&crowded("the server is busy, try again").to(call.id));
        }
        let docket = Docket::of(&self.recorder, caller.principal.id(), &call.method);
        let asker = Asker {
            host: self,
            caller: &caller,
            frame: &frame,
            call: &call,
            outbox: &outbox,
            place: &place,
            task: None,
            docket: docket.clone(),
        };
        let reply = match asker.answer(&mut slot).await {
            Ok(reply) => reply,
            Err(Stop::Fault(fault)) => self.failed(&fault.to(call.id.clone())),
            Err(Stop::Abandoned) => Reply::Abandoned,
        };
        let Reply::Answer { body, .. } = &reply else { return reply };
        match docket.settle(body).await {
            Ok(()) => reply,
            Err(_) => self.failed(&unrecorded().to(call.id)),
        }
    }
}

/// A message that wants no answer.
fn notified(place: &Place<'_>, note: &Notification<'_>) -> Reply {
    match (note, &place.dialogue) {
        (Notification::Cancelled { request_id, .. }, Some(dialogue)) => {
            dialogue.calls.cancel(request_id);
        }
        (Notification::Ignored { method }, _) => tracing::debug!(%method, "a notification was passed over"),
        _ => {}
    }
    place.accepted()
}

/// A client's answer to a question of ours.
fn told(place: &Place<'_>, response: Response<'_>) -> Reply {
    let text = |json: Json<'_>| json.get().to_owned();
    if let (Some(RequestId::Int(number)), Some(dialogue)) = (&response.id, &place.dialogue) {
        dialogue.questions.answer(*number, response.outcome.map(text).map_err(text));
    }
    place.accepted()
}

/// An error as a whole answer.
fn failed(fault: &Fault) -> Reply {
    Reply::Answer { status: fault.status, body: Bytes::from(fault.encode()), session: None, challenge: None }
}

/// Whether the answer to this request may take a while, so that a client can
/// give it up.
const fn may_take(request: &Request<'_>) -> bool {
    !matches!(
        request,
        Request::Initialize
            | Request::Ping
            | Request::Discover
            | Request::ListTools { .. }
            | Request::ListPrompts { .. }
            | Request::ListTemplates { .. }
            | Request::ListSkills { .. }
            | Request::GetSkill { .. }
            | Request::ReadDirectory { .. }
    )
}
