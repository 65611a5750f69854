//! Bodies on their way out and in, counted, timed and searched.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, WasiBody};

use super::{
    leak::{Leaks, Search},
    send::{cut, of_hyper},
};
use crate::state::Shared;

type Next = Poll<Option<Result<Frame<Bytes>, Error>>>;

/// A request's body: every byte counts as transferred.
pub(super) struct Given {
    body: WasiBody,
    shared: Arc<Shared>,
    failure: Arc<OnceLock<()>>,
}

impl Given {
    pub(super) const fn new(body: WasiBody, shared: Arc<Shared>, failure: Arc<OnceLock<()>>) -> Self {
        Self { body, shared, failure }
    }
}

impl Body for Given {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Next {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && self.shared.transfer(data.len()).is_err()
        {
            let _ = self.failure.set(());
            return Poll::Ready(Some(Err(Error::HttpRequestBodySize(None))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body.
pub(super) struct Received {
    body: Incoming,
    shared: Arc<Shared>,
    search: Option<Search>,
    between_bytes: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

impl Received {
    pub(super) fn new(body: Incoming, shared: Arc<Shared>, leaks: Option<&Leaks>, between_bytes: Duration) -> Self {
        Self { body, shared, search: leaks.map(Leaks::search), between_bytes, timer: None, ended: false }
    }

    /// Waits for the next frame, but not for ever.
    fn poll_timed(&mut self, context: &mut Context<'_>) -> Next {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.timer = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| of_hyper(&error))));
        }
        let limit = Instant::now() + self.between_bytes;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(limit)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    /// What of a frame goes on to the guest; nothing yet, if it is held back.
    fn pass(&mut self, frame: Frame<Bytes>) -> Result<Option<Frame<Bytes>>, Error> {
        let Ok(data) = frame.into_data() else {
            // Trailers: nobody needs them enough to search them too.
            return Ok(None);
        };
        if self.shared.transfer(data.len()).is_err() {
            return Err(Error::HttpResponseBodySize(None));
        }
        let Some(search) = &mut self.search else { return Ok(Some(Frame::data(data))) };
        match search.push(&data) {
            Ok(clean) if clean.is_empty() => Ok(None),
            Ok(clean) => Ok(Some(Frame::data(clean))),
            Err(_) => {
                cut(&self.shared);
                Err(Error::HttpResponseIncomplete)
            }
        }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Next {
        while !self.ended {
            let passed = match ready!(self.poll_timed(context)) {
                Some(Ok(frame)) => self.pass(frame),
                Some(Err(error)) => Err(error),
                None => {
                    self.ended = true;
                    let rest = self.search.as_mut().map(Search::finish).filter(|rest| !rest.is_empty());
                    return Poll::Ready(rest.map(|rest| Ok(Frame::data(rest))));
                }
            };
            match passed {
                Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                Ok(None) => {}
                Err(error) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }
}
