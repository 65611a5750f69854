//! One request and its answer.
//!
//! The order is the point: host and origin, then the method, then the caller's
//! credential, and only then is any of the body read.

use std::{net::IpAddr, sync::Arc};

use bulkhead_state::replay::Reader;
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use hyper::body::Incoming;

use super::{
    SESSION, Shared,
    accept::Accept,
    activity::Activity,
    answer::{self, Payload},
    body::Refused,
    events::Ongoing,
    resumable::{ResumableEvents, write_news},
    saying::Saying,
};
use crate::{
    authn::Admitted,
    render::HeadProblem,
    session::Dialogue,
    transport::service::{Inbound, Named, Outbox, Service, TurnedAway, Wire},
};

/// Where MCP is spoken.
const ENDPOINT: &str = "/mcp";

/// Where the server says what it is (SEP-2127 keeps this place below the endpoint).
const CARD: &str = "/mcp/server-card";

/// Where what is listed lies, signed.
const MANIFEST: &str = crate::manifest::PATH;

/// The endpoint's methods.
const METHODS: &str = "POST, GET, DELETE, OPTIONS";

const METHOD: &str = "mcp-method";
const LAST_EVENT: &str = "last-event-id";

/// One request's surroundings.
pub(super) struct Exchange<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) activity: Arc<Activity>,
    pub(super) peer: IpAddr,
}

fn problem(problem: HeadProblem) -> Response<Payload> {
    answer::json(problem.status(), problem.body(), None)
}

impl<S: Service> Exchange<S> {
    pub(super) async fn answer(self, request: Request<Incoming>) -> Response<Payload> {
        if let Some(document) = self.metadata(&request) {
            return document;
        }
        let origin = request.headers().get(header::ORIGIN).cloned();
        let is_ours = |origin: &HeaderValue| self.shared.facing.load().admits_origin(origin);
        let page = origin.filter(is_ours);
        let mut response = self.route(request, page.is_some()).await;
        if let Some(origin) = page {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("mcp-session-id, www-authenticate"),
            );
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
        if self.shared.closing.is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// What is public, and for pages of every origin. Whoever rebinds a name to
    /// this server reads nothing that is not public under its own.
    fn metadata(&self, request: &Request<Incoming>) -> Option<Response<Payload>> {
        let document = self.shared.service.metadata(request.uri().path())?;
        let mut response = match *request.method() {
            Method::GET => answer::metadata(document),
            Method::OPTIONS => preflight(request.headers()),
            _ => not_allowed("GET, OPTIONS"),
        };
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Some(response)
    }

    /// `is_ours`: whether it comes from a page of ours.
    async fn route(&self, request: Request<Incoming>, is_ours: bool) -> Response<Payload> {
        let facing = self.shared.facing.load();
        if !facing.admits_host(request.uri(), request.headers()) {
            return problem(HeadProblem::Host);
        }
        if !is_ours && request.headers().contains_key(header::ORIGIN) {
            return problem(HeadProblem::Origin);
        }
        let most = facing.request_body;
        drop(facing);
        if request.uri().path() == CARD {
            return self.card(request.method(), request.headers()).await;
        }
        if request.uri().path() == MANIFEST {
            return self.manifest(request.method(), request.headers()).await;
        }
        if request.uri().path() != ENDPOINT {
            return problem(HeadProblem::Path);
        }
        let (head, body) = request.into_parts();
        match head.method {
            Method::POST => self.post(head, body, most).await,
            Method::GET => self.get(&head.headers).await,
            Method::DELETE => self.delete(&head.headers).await,
            Method::OPTIONS => preflight(&head.headers),
            _ => not_allowed(METHODS),
        }
    }

    /// Who sent a request with these headers. The log says where somebody came
    /// from who was turned away.
    async fn admit(&self, headers: &HeaderMap) -> Result<Admitted, TurnedAway> {
        self.shared.service.admit(headers).await.inspect_err(|away| {
            let client = self.shared.facing.load().front.client(self.peer, headers);
            tracing::debug!(%client, status = away.status, "turned away");
        })
    }

    async fn post(&self, head: Parts, body: Incoming, most: usize) -> Response<Payload> {
        let service = &self.shared.service;
        let caller = match self.admit(&head.headers).await {
            Ok(caller) => caller,
            Err(away) => return answer::turned_away(away),
        };
        let accept = Accept::of(&head.headers);
        if accept.is_nothing() {
            return problem(HeadProblem::Accept);
        }
        if !is_json(&head.headers) {
            return problem(HeadProblem::ContentType);
        }
        self.activity.await_body();
        let (frame, room) = match self.shared.room.read(caller.principal.id(), body, most).await {
            Ok(read) => read,
            Err(refused) => return refuse(refused),
        };
        let busy = self.activity.begin();
        let named = service.named(&caller, &head.headers);
        // A session without a modern header: the handshake era, where a broken connection gives nothing up.
        let outlives = head.headers.contains_key(SESSION) && !head.headers.contains_key(METHOD);
        let session = match &named {
            Named::Session(dialogue) if outlives => Some(dialogue.clone()),
            _ => None,
        };
        let wire = Wire::Http(head.headers, named);
        let inbound = Inbound { caller, frame, wire, slot: self.shared.slots.take() };
        let (outbox, inbox) = Outbox::channel();
        let call = service.clone().call(inbound, outbox);
        let call = call.map(move |reply| {
            drop(room);
            reply
        });
        let saying = Saying { call: Ongoing::new(Box::pin(call), outlives), inbox, session };
        saying.reply(accept, busy).await
    }

    async fn get(&self, headers: &HeaderMap) -> Response<Payload> {
        let service = &self.shared.service;
        let caller = match self.admit(headers).await {
            Ok(caller) => caller,
            Err(away) => return answer::turned_away(away),
        };
        if !Accept::of(headers).events {
            return problem(HeadProblem::Accept);
        }
        let (dialogue, seat) = match service.stream(&caller, headers) {
            Ok(found) => found,
            Err(away) => return answer::turned_away(away),
        };
        let (reader, primed) = match headers.get(LAST_EVENT) {
            Some(last) => {
                let heard = last.to_str().ok().filter(|_| dialogue.audience.admits(&caller.principal));
                let resumed = heard.and_then(|last| dialogue.streams.resume(last.parse().ok()?));
                let Some(reader) = resumed else { return problem(HeadProblem::Event) };
                (reader, false)
            }
            None => {
                let Some(reader) = self.listen(&caller, &dialogue) else { return problem(HeadProblem::Streams) };
                (reader, dialogue.resumes())
            }
        };
        let events = ResumableEvents::asked_for(reader, primed, caller.gone.cancelled_owned(), seat);
        answer::events(Box::pin(events), self.activity.begin())
    }

    /// A new stand-alone stream, in place of the session's older one.
    fn listen(&self, caller: &Admitted, dialogue: &Arc<Dialogue>) -> Option<Reader> {
        let renewed = dialogue.renew_news();
        let (writer, reader) = dialogue.streams.begin()?;
        let (closing, gone) = (self.shared.closing.clone(), caller.gone.clone());
        let end = async move {
            tokio::select! {
                () = renewed.cancelled() => {}
                () = closing.cancelled() => {}
                () = gone.cancelled() => {}
            }
        };
        let (outbox, inbox) = Outbox::channel();
        let news = self.shared.service.clone().news(Some(caller.clone()), dialogue.clone(), outbox);
        tokio::spawn(write_news(news, inbox, writer, end));
        Some(reader)
    }

    async fn card(&self, method: &Method, headers: &HeaderMap) -> Response<Payload> {
        if method != Method::GET {
            return not_allowed(METHODS);
        }
        self.shared.service.card(headers).await.map_or_else(answer::turned_away, answer::card)
    }

    async fn manifest(&self, method: &Method, headers: &HeaderMap) -> Response<Payload> {
        let known = headers.get(header::IF_NONE_MATCH);
        match *method {
            Method::GET => match self.shared.service.manifest(headers).await {
                Ok(document) => answer::manifest(document, known),
                Err(away) => answer::turned_away(away),
            },
            Method::OPTIONS => preflight(headers),
            _ => not_allowed("GET, OPTIONS"),
        }
    }

    async fn delete(&self, headers: &HeaderMap) -> Response<Payload> {
        let service = &self.shared.service;
        let ended = self.admit(headers).await.and_then(|caller| service.end_session(&caller, headers));
        match ended {
            Ok(()) => answer::empty(StatusCode::NO_CONTENT),
            Err(away) => answer::turned_away(away),
        }
    }
}

fn refuse(refused: Refused) -> Response<Payload> {
    let mut response = problem(match refused {
        Refused::TooLarge => HeadProblem::TooLarge,
        Refused::NoRoom => HeadProblem::NoRoom,
        Refused::Broken => HeadProblem::Broken,
    });
    // What is left of the body is not worth reading.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn not_allowed(methods: &'static str) -> Response<Payload> {
    let mut response = problem(HeadProblem::Method);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
    response
}

/// What a browser asks before a page of an admitted origin may speak to us.
fn preflight(headers: &HeaderMap) -> Response<Payload> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let answers = response.headers_mut();
    answers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    if let Some(wanted) = wanted {
        answers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
        answers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, DELETE"));
        answers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
