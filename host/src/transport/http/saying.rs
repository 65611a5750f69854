//! What a call says, as one message or as events.

use std::sync::Arc;

use bulkhead_state::replay::{Reader, Writer};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use tokio::sync::mpsc;

use super::{
    SESSION,
    accept::Accept,
    activity::Busy,
    answer::{self, Payload},
    events::{CallEvents, Ongoing},
    resumable::{ResumableEvents, finish, write_down},
};
use crate::{
    session::Dialogue,
    transport::service::{Reply, Said},
};

/// A call, what it says, and the session in which that is kept, if it is.
pub(super) struct Saying {
    pub(super) call: Ongoing,
    pub(super) inbox: mpsc::Receiver<Said>,
    pub(super) session: Option<Arc<Dialogue>>,
}

impl Saying {
    /// Answers as one JSON message if the call says nothing before its answer,
    /// and as a stream of events from the first thing it says, or if the client
    /// would rather have events and there is nothing to say with a status.
    pub(super) async fn reply(mut self, accept: Accept, busy: Busy) -> Response<Payload> {
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
            Reply::Answer { status: 200, body, session: None, .. } if accept.events_first => {
                self.last_events(body, busy)
            }
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
        Reply::Answer { status, body, session, challenge } => {
            answer::challenged(whole(status, body, session.as_deref(), busy), challenge.as_deref())
        }
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
