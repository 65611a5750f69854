//! Streams of the handshake era that a client may come back to.
//!
//! What is said on one is written down, by a task, in the session's own memory;
//! each HTTP response is one reader of it. A broken connection loses nothing,
//! and stops nothing.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use bulkhead_state::replay::{EventId, Reader, Told, Writer};
use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::sync::mpsc;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    answer::Events,
    events::{BEAT, Beat, HEARTBEAT},
};
use crate::transport::service::{Reply, Said, Seat};

/// How long a stand-alone stream waits for a client that left it.
const DESERTED: Duration = Duration::from_secs(2 * 60);

/// Writes down what `call` says, and then its answer.
pub(super) async fn write_down(
    call: impl Future<Output = Reply>,
    first: Option<Said>,
    mut inbox: mpsc::Receiver<Said>,
    writer: &Writer,
) {
    let mut call = pin!(call);
    first.into_iter().for_each(|said| write(said, writer));
    let reply = loop {
        tokio::select! {
            biased;
            Some(said) = inbox.recv() => write(said, writer),
            reply = &mut call => break reply,
        }
    };
    let answer = if let Reply::Answer { body, .. } = reply { Some(body) } else { None };
    finish(answer, inbox, writer);
}

/// Writes down the last words of a call, and its answer.
pub(super) fn finish(answer: Option<Bytes>, mut inbox: mpsc::Receiver<Said>, writer: &Writer) {
    while let Ok(said) = inbox.try_recv() {
        write(said, writer);
    }
    answer.into_iter().for_each(|answer| writer.push(answer));
}

fn write(said: Said, writer: &Writer) {
    match said {
        Said::Message(message) | Said::Alone(message, _) => writer.push(message),
        Said::Hint(message) => writer.hint(message),
        Said::Leave(retry) => writer.send_away(retry),
    }
}

/// Writes down news until `end`, or until nobody has come back for long. Who
/// reads too slowly misses the oldest.
pub(super) async fn write_news(
    news: impl Future<Output = ()>,
    mut inbox: mpsc::Receiver<Said>,
    writer: Writer,
    end: impl Future<Output = ()>,
) {
    let mentioning = async {
        while let Some(said) = inbox.recv().await {
            said.message().into_iter().for_each(|message| writer.mention(message));
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(news, mentioning) } => {}
        () = writer.deserted(DESERTED) => {}
        () = end => {}
    }
    writer.forget();
}

/// The events of one reader.
pub(super) struct ResumableEvents {
    reader: Reader,
    first: Option<Bytes>,
    beat: Beat,
    /// Fired when its caller is let in no more.
    gone: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    _seat: Option<Seat>,
}

impl ResumableEvents {
    /// The stream that answers a request, from its beginning.
    pub(super) fn answering(reader: Reader, primed: bool) -> Self {
        let first = primed.then(|| prime(reader.place()));
        Self { reader, first, beat: Beat::new(HEARTBEAT), gone: None, _seat: None }
    }

    /// A stream that was asked for by itself: its head is sent at once, for
    /// some clients wait for the first byte.
    pub(super) fn asked_for(reader: Reader, primed: bool, gone: WaitForCancellationFutureOwned, seat: Seat) -> Self {
        let first = if primed { prime(reader.place()) } else { BEAT };
        let (first, gone) = (Some(first), Some(Box::pin(gone)));
        Self { reader, first, beat: Beat::new(HEARTBEAT), gone, _seat: Some(seat) }
    }
}

impl Events for ResumableEvents {
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = self.get_mut();
        if this.gone.as_mut().is_some_and(|gone| gone.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(None);
        }
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(first));
        }
        if let Poll::Ready(told) = this.reader.poll_next(cx) {
            this.beat.rest();
            return Poll::Ready(told.map(|told| event(&told)));
        }
        this.beat.poll(cx).map(Some)
    }
}

/// An event without data: the place that a client comes back to which has
/// heard nothing yet.
fn prime(place: EventId) -> Bytes {
    Bytes::from(format!("id: {place}\ndata:\n\n"))
}

fn event(told: &Told) -> Bytes {
    let (id, message) = match told {
        Told::Leave(retry) => return Bytes::from(format!("retry: {}\n\n", retry.as_millis())),
        Told::Message(id, message) => (id, message),
    };
    debug_assert!(!message.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
    let id = format!("id: {id}\ndata: ");
    let mut event = BytesMut::with_capacity(id.len() + message.len() + 2);
    event.put_slice(id.as_bytes());
    event.put_slice(message);
    event.put_slice(b"\n\n");
    event.freeze()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use bulkhead_state::replay::Streams;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::transport::service::Outbox;

    fn answer(text: &'static str) -> Reply {
        Reply::Answer { status: 200, body: Bytes::from_static(text.as_bytes()), session: None, challenge: None }
    }

    async fn all(events: &mut Pin<Box<ResumableEvents>>) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(event) = poll_fn(|cx| events.as_mut().poll_next(cx)).await {
            told.push(String::from_utf8(event.to_vec()).unwrap());
        }
        told
    }

    #[tokio::test]
    async fn a_client_that_is_sent_away_comes_back_for_the_rest() {
        let streams = Streams::default();
        let (writer, reader) = streams.begin().unwrap();
        let begin = reader.place();
        let mut events = Box::pin(ResumableEvents::answering(reader, true));
        let (outbox, inbox) = Outbox::channel();
        let (go, gate) = tokio::sync::oneshot::channel::<()>();
        let call = async move {
            outbox.send(Bytes::from_static(b"1")).await.unwrap();
            outbox.try_send(Said::Leave(Duration::from_millis(500))).unwrap();
            gate.await.unwrap();
            outbox.send(Bytes::from_static(b"2")).await.unwrap();
            answer("3")
        };
        let writing = tokio::spawn(async move { write_down(call, None, inbox, &writer).await });
        let stream = begin.to_string().replace(".0", "");
        let first =
            [format!("id: {stream}.0\ndata:\n\n"), format!("id: {stream}.1\ndata: 1\n\n"), "retry: 500\n\n".into()];
        assert_eq!(all(&mut events).await, first);
        drop(events);
        go.send(()).unwrap();
        writing.await.unwrap();
        let last = streams.resume(EventId { sequence: 1, ..begin }).unwrap();
        let mut events = Box::pin(ResumableEvents::answering(last, false));
        assert_eq!(
            all(&mut events).await,
            [format!("id: {stream}.2\ndata: 2\n\n"), format!("id: {stream}.3\ndata: 3\n\n")]
        );
    }

    #[tokio::test]
    async fn a_stream_ends_with_what_let_its_caller_in() {
        let streams = Streams::default();
        let (_writer, reader) = streams.begin().unwrap();
        let gone = CancellationToken::new();
        let seat = std::sync::Arc::new(tokio::sync::Semaphore::new(1)).try_acquire_owned().unwrap();
        let place = crate::shares::Shares::default().enter(&"ann".into(), 1).unwrap();
        let seat = Seat::new(seat, place);
        let asked = ResumableEvents::asked_for(reader, false, gone.clone().cancelled_owned(), seat);
        let mut events = Box::pin(asked);
        assert_eq!(poll_fn(|cx| events.as_mut().poll_next(cx)).await, Some(BEAT));
        gone.cancel();
        assert!(all(&mut events).await.is_empty());
    }
}
