//! Server-sent events: the messages of one call, and then its answer.
//!
//! **Invariant:** a frame carries one message, and a message has no line
//! break: nothing that a plugin wrote can forge a frame.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::{
    sync::mpsc,
    time::{Instant, Sleep, sleep},
};

use super::answer::Events;
use crate::transport::service::{Reply, Said};

/// How long a stream may be silent: proxies close those that are for longer.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);

/// A comment, which every client skips.
pub(super) const BEAT: Bytes = Bytes::from_static(b":\n\n");

/// One event that holds `message`.
pub(super) fn frame(message: &[u8]) -> Bytes {
    debug_assert!(!message.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
    let mut event = BytesMut::with_capacity(message.len() + 8);
    event.put_slice(b"data: ");
    event.put_slice(message);
    event.put_slice(b"\n\n");
    event.freeze()
}

/// A call under way, and whether it outlives the connection that it came on.
pub(super) struct Ongoing {
    call: Option<Pin<Box<dyn Future<Output = Reply> + Send>>>,
    outlives: bool,
}

impl Ongoing {
    pub(super) fn new(call: Pin<Box<dyn Future<Output = Reply> + Send>>, outlives: bool) -> Self {
        Self { call: Some(call), outlives }
    }
}

impl Future for Ongoing {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let Some(call) = &mut self.call else { return Poll::Ready(Reply::Abandoned) };
        let reply = std::task::ready!(call.as_mut().poll(cx));
        self.call = None;
        Poll::Ready(reply)
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        // In the handshake era a broken connection gives no call up. It holds
        // its place among the calls under way, and ends by its own time limit.
        if let Some(call) = self.call.take().filter(|_| self.outlives)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                let _ = call.await;
            });
        }
    }
}

/// The events of one call whose stream nobody comes back to.
pub(super) struct CallEvents {
    call: Ongoing,
    first: Option<Said>,
    inbox: mpsc::Receiver<Said>,
    answer: Option<Bytes>,
    answered: bool,
    beat: Beat,
}

impl CallEvents {
    /// A call that has something to say before its answer, `first` of all.
    pub(super) fn of(call: Ongoing, first: Option<Said>, inbox: mpsc::Receiver<Said>) -> Self {
        Self { call, first, inbox, answer: None, answered: false, beat: Beat::new(HEARTBEAT) }
    }

    /// A call that ended, with something said that is not told yet.
    pub(super) fn answered(answer: Bytes, inbox: mpsc::Receiver<Said>) -> Self {
        let call = Ongoing { call: None, outlives: false };
        Self { call, first: None, inbox, answer: Some(answer), answered: true, beat: Beat::new(HEARTBEAT) }
    }
}

impl Events for CallEvents {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take().and_then(Said::message) {
            return Poll::Ready(Some(frame(&first)));
        }
        if !this.answered
            && let Poll::Ready(reply) = Pin::new(&mut this.call).poll(cx)
        {
            this.answered = true;
            if let Reply::Answer { body, .. } = reply {
                this.answer = Some(body);
            }
        }
        while let Poll::Ready(Some(said)) = this.inbox.poll_recv(cx) {
            if let Some(message) = said.message() {
                this.beat.rest();
                return Poll::Ready(Some(frame(&message)));
            }
        }
        if this.answered {
            return Poll::Ready(this.answer.take().map(|answer| frame(&answer)));
        }
        this.beat.poll(cx).map(Some)
    }
}

/// Beats while nothing else is said.
pub(super) struct Beat {
    every: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Beat {
    pub(super) const fn new(every: Duration) -> Self {
        Self { every, sleep: None }
    }

    pub(super) fn rest(&mut self) {
        if let Some(sleep) = &mut self.sleep {
            sleep.as_mut().reset(Instant::now() + self.every);
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(self.every)));
        std::task::ready!(sleep.as_mut().poll(cx));
        sleep.as_mut().reset(Instant::now() + self.every);
        Poll::Ready(BEAT)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, future::poll_fn};
    use tokio::sync::oneshot;

    use super::*;
    use crate::transport::service::Outbox;

    fn answer(text: &'static str) -> Reply {
        Reply::Answer { status: 200, body: Bytes::from_static(text.as_bytes()), session: None, challenge: None }
    }

    async fn all(mut events: Pin<Box<CallEvents>>) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(event) = poll_fn(|cx| events.as_mut().poll_next(cx)).await {
            told.push(String::from_utf8(event.to_vec()).unwrap());
        }
        told
    }

    #[tokio::test]
    async fn everything_said_before_the_answer_comes_before_it() {
        let (outbox, inbox) = Outbox::channel();
        let call = async move {
            outbox.send(Bytes::from_static(b"1")).await.unwrap();
            outbox.try_send(Said::Leave(Duration::ZERO)).unwrap();
            outbox.send(Bytes::from_static(b"2")).await.unwrap();
            answer("3")
        };
        let events = CallEvents::of(Ongoing::new(call.boxed(), false), None, inbox);
        assert_eq!(all(Box::pin(events)).await, ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]);
    }

    #[tokio::test]
    async fn a_silent_stream_beats_again_and_again() {
        let mut beat = Beat::new(Duration::from_millis(1));
        for _ in 0..3 {
            assert_eq!(poll_fn(|cx| beat.poll(cx)).await, BEAT);
        }
    }

    #[tokio::test]
    async fn only_a_call_of_the_handshake_era_outlives_its_connection() {
        for outlives in [true, false] {
            let (done, ended) = oneshot::channel();
            let (go, gate) = oneshot::channel::<()>();
            let call = async move {
                let _ = gate.await;
                let _ = done.send(());
                Reply::Abandoned
            };
            drop(Ongoing::new(call.boxed(), outlives));
            let _ = go.send(());
            assert_eq!(ended.await.is_ok(), outlives);
        }
    }
}
