//! One request and its answer.
//!
//! The order is the point: host and origin, then the method, then the caller's
//! credential, and only then is any of the body read.

use std::sync::Arc;

use bulkhead_state::replay::{Reader, Writer};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::sync::mpsc;

use super::{
    Shared,
    accept::Accept,
    activity::{Activity, Busy},
    answer::{self, Payload},
    body::Refused,
    events::{CallEvents, Ongoing},
    resumable::{ResumableEvents, finish, write_down, write_news},
};
use crate::{
    authn::Admitted,
    render::HeadProblem,
    session::Dialogue,
    transport::service::{Inbound, Named, Outbox, Reply, Said, Service, Wire},
};

/// Where MCP is spoken.
const ENDPOINT: &str = "/mcp";

/// Where the server says what it is (SEP-2127 keeps this place below the endpoint).
const CARD: &str = "/mcp/server-card";

const SESSION: &str = "mcp-session-id";
const METHOD: &str = "mcp-method";
const LAST_EVENT: &str = "last-event-id";

/// One request's surroundings.
pub(super) struct Exchange<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) activity: Arc<Activity>,
}

fn problem(problem: HeadProblem) -> Response<Payload> {
    answer::json(problem.status(), problem.body(), None)
}

impl<S: Service> Exchange<S> {
    pub(super) async fn answer(self, request: Request<Incoming>) -> Response<Payload> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        let mut response = self.route(request, origin.as_ref()).await;
        if let Some(origin) = origin.filter(|_| response.status() != StatusCode::FORBIDDEN) {
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

    async fn route(&self, request: Request<Incoming>, origin: Option<&HeaderValue>) -> Response<Payload> {
        let facing = self.shared.facing.load();
        if !facing.admits_host(request.uri(), request.headers()) {
            return problem(HeadProblem::Host);
        }
        if origin.is_some_and(|origin| !facing.admits_origin(origin)) {
            return problem(HeadProblem::Origin);
        }
        let most = facing.request_body;
        drop(facing);
        if request.uri().path() == CARD {
            return self.card(&request);
        }
        if request.uri().path() != ENDPOINT {
            return problem(HeadProblem::Path);
        }
        match *request.method() {
            Method::POST => self.post(request, most).await,
            Method::GET => self.get(&request),
            Method::DELETE => self.delete(&request),
            Method::OPTIONS => preflight(request.headers()),
            _ => not_allowed(),
        }
    }

    async fn post(&self, request: Request<Incoming>, most: usize) -> Response<Payload> {
        let service = &self.shared.service;
        let caller = match service.admit(request.headers()) {
            Ok(caller) => caller,
            Err(away) => return answer::turned_away(away),
        };
        let accept = Accept::of(request.headers());
        if accept.is_nothing() {
            return problem(HeadProblem::Accept);
        }
        if !is_json(request.headers()) {
            return problem(HeadProblem::ContentType);
        }
        self.activity.await_body();
        let (head, body) = request.into_parts();
        let (frame, room) = match self.shared.room.read(body, most).await {
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

    fn get(&self, request: &Request<Incoming>) -> Response<Payload> {
        let service = &self.shared.service;
        let headers = request.headers();
        let caller = match service.admit(headers) {
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
                let resumed = last.to_str().ok().and_then(|last| dialogue.streams.resume(last.parse().ok()?));
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

    fn card(&self, request: &Request<Incoming>) -> Response<Payload> {
        if *request.method() != Method::GET {
            return not_allowed();
        }
        self.shared.service.card(request.headers()).map_or_else(answer::turned_away, answer::card)
    }

    fn delete(&self, request: &Request<Incoming>) -> Response<Payload> {
        let ended = self
            .shared
            .service
            .admit(request.headers())
            .and_then(|caller| self.shared.service.end_session(&caller, request.headers()));
        match ended {
            Ok(()) => answer::empty(StatusCode::NO_CONTENT),
            Err(away) => answer::turned_away(away),
        }
    }
}

/// A call, what it says, and the session in which that is kept, if it is.
struct Saying {
    call: Ongoing,
    inbox: mpsc::Receiver<Said>,
    session: Option<Arc<Dialogue>>,
}

impl Saying {
    /// Answers as one JSON message if the call says nothing before its answer,
    /// and as a stream of events from the first thing it says, or if the client
    /// would rather have events and there is nothing to say with a status.
    async fn reply(mut self, accept: Accept, busy: Busy) -> Response<Payload> {
        if !accept.json {
            return self.events(None, busy);
        }
        if !accept.events {
            // What is said before the answer has no way to its client, and hears so.
            drop(self.inbox);
            return only(self.call.await, busy);
        }
        let reply = tokio::select! {
            biased;
            reply = &mut self.call => reply,
            Some(first) = self.inbox.recv() => return self.events(Some(first), busy),
        };
        match reply {
            Reply::Answer { body, .. } if !self.inbox.is_empty() => self.last_events(body, busy),
            Reply::Answer { status: 200, body, session: None } if accept.events_first => self.last_events(body, busy),
            reply => only(reply, busy),
        }
    }

    /// The events of a call under way, from `first` on.
    fn events(self, first: Option<Said>, busy: Busy) -> Response<Payload> {
        let Self { call, inbox, session } = self;
        let Some(((writer, reader), primed)) = begin(session.as_deref()) else {
            return answer::events(Box::pin(CallEvents::of(call, first, inbox)), busy);
        };
        tokio::spawn(async move { write_down(call, first, inbox, &writer).await });
        answer::events(Box::pin(ResumableEvents::answering(reader, primed)), busy)
    }

    /// The events of a call that ended, with something said that is not told yet.
    fn last_events(self, answer: Bytes, busy: Busy) -> Response<Payload> {
        let Some(((writer, reader), primed)) = begin(self.session.as_deref()) else {
            return answer::events(Box::pin(CallEvents::answered(answer, self.inbox)), busy);
        };
        finish(Some(answer), self.inbox, &writer);
        answer::events(Box::pin(ResumableEvents::answering(reader, primed)), busy)
    }
}

/// A stream that is kept, if there is a session to keep it in and room; and
/// whether it begins with an event of its own.
fn begin(session: Option<&Dialogue>) -> Option<((Writer, Reader), bool)> {
    let session = session?;
    Some((session.streams.begin()?, session.resumes()))
}

/// The answer and nothing else.
fn only(reply: Reply, busy: Busy) -> Response<Payload> {
    match reply {
        Reply::Answer { status, body, session } => whole(status, body, session.as_deref(), busy),
        Reply::Accepted | Reply::Abandoned => answer::empty(StatusCode::ACCEPTED),
    }
}

fn whole(status: u16, body: Bytes, session: Option<&str>, busy: Busy) -> Response<Payload> {
    let mut response = answer::json(status, body, Some(busy));
    if let Some(session) = session.and_then(|session| HeaderValue::from_str(session).ok()) {
        response.headers_mut().insert(SESSION, session);
    }
    response
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

fn not_allowed() -> Response<Payload> {
    let mut response = problem(HeadProblem::Method);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST, GET, DELETE, OPTIONS"));
    response
}

/// What a browser asks before a page of an admitted origin may speak to us.
fn preflight(headers: &HeaderMap) -> Response<Payload> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let answers = response.headers_mut();
    answers.insert(header::ALLOW, HeaderValue::from_static("POST, GET, DELETE, OPTIONS"));
    if let Some(wanted) = wanted {
        answers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
        answers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, DELETE"));
        answers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
