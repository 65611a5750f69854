//! What goes back: a fixed set of header fields, and a body that is either
//! whole or a stream of events.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};

use super::{NOTHING, activity::Busy};
use crate::{
    manifest::Document,
    transport::service::{Card, TurnedAway},
};

/// A stream of events, ready for the wire.
pub(super) trait Events: Send {
    /// The next bytes; `None` at the end.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;
}

/// When whoever found the house full may come back, in seconds: the least that
/// can be said (RFC 9110, section 10.2.3).
const COME_BACK: HeaderValue = HeaderValue::from_static("1");

enum Kind {
    Whole(Bytes),
    Events(Pin<Box<dyn Events>>),
}

/// The body of an answer. Keeps its connection busy until it is written.
pub(super) struct Payload {
    kind: Kind,
    _busy: Option<Busy>,
}

impl Payload {
    fn whole(bytes: Bytes, busy: Option<Busy>) -> Self {
        Self { kind: Kind::Whole(bytes), _busy: busy }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.get_mut().kind {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Events(events) => events.as_mut().poll_next(cx).map(|bytes| bytes.map(|b| Ok(Frame::data(b)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.kind, Kind::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Events(_) => SizeHint::default(),
        }
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn bare(code: StatusCode, payload: Payload) -> Response<Payload> {
    let mut response = Response::new(payload);
    *response.status_mut() = code;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if matches!(code, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, COME_BACK);
    }
    response
}

/// One JSON-RPC message.
pub(super) fn json(code: u16, body: Bytes, busy: Option<Busy>) -> Response<Payload> {
    let mut response = bare(status(code), Payload::whole(body, busy));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// No body at all.
pub(super) fn empty(code: StatusCode) -> Response<Payload> {
    bare(code, Payload::whole(NOTHING, None))
}

/// A stream of events.
pub(super) fn events(events: Pin<Box<dyn Events>>, busy: Busy) -> Response<Payload> {
    let mut response = bare(StatusCode::OK, Payload { kind: Kind::Events(events), _busy: Some(busy) });
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The server's card (SEP-2127).
pub(super) fn card(card: Card) -> Response<Payload> {
    let mut response = bare(StatusCode::OK, Payload::whole(card.body, None));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/mcp-server-card+json"));
    if card.is_public {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    }
    response
}

/// The server's manifest. Whoever keeps it asks each time whether it is still
/// the one: another caller has another one.
pub(super) fn manifest(document: Document, known: Option<&HeaderValue>) -> Response<Payload> {
    let is_known = known.is_some_and(|known| known.as_bytes() == document.etag.as_bytes());
    let mut response = if is_known {
        bare(StatusCode::NOT_MODIFIED, Payload::whole(NOTHING, None))
    } else {
        bare(StatusCode::OK, Payload::whole(document.body, None))
    };
    let headers = response.headers_mut();
    if !is_known {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.dsse.envelope.v1+json"));
    }
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// What anybody is told who wants a token, on whatever page (RFC 9728 3.2).
pub(super) fn metadata(document: Bytes) -> Response<Payload> {
    let mut response = json(200, document, None);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

/// A response with a challenge, if there is one.
pub(super) fn challenged(mut response: Response<Payload>, challenge: Option<&str>) -> Response<Payload> {
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// A request that its head alone turned away.
pub(super) fn turned_away(away: TurnedAway) -> Response<Payload> {
    let mut response = json(away.status, away.body, None);
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
    }
    challenged(response, away.challenge.as_deref())
}
