//! Standard input and output: one JSON message a line, and nothing else on
//! standard output.
//!
//! **Invariant:** messages are taken in the order they came in. A call that
//! has to wait lets the next one pass; everything it says goes through the one
//! writer, in its own order.

mod lines;
#[cfg(target_os = "linux")]
mod standard;
mod writer;

use std::{pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[cfg(target_os = "linux")]
pub use self::standard::{input, output};
#[cfg(not(target_os = "linux"))]
pub use tokio::io::{stdin as input, stdout as output};

use self::lines::{Line, Lines};
use super::{
    service::{Inbound, Outbox, Reply, Service, Wire},
    slots::Slots,
};
use crate::{render::HeadProblem, session::Dialogue};

/// How long, once the client has closed its end, calls under way may go on.
const LAST_CALLS: Duration = Duration::from_secs(30);

/// How long streams may take to tell that they end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Standard input and output's surroundings.
pub struct Pipe<S> {
    pub service: Arc<S>,
    pub slots: Slots,
    /// Most bytes of one message.
    pub longest: usize,
    /// Fired when the house begins to close.
    pub closing: CancellationToken,
}

/// Serves until the client closes its end, or the house closes; then finishes
/// what is under way.
///
/// # Errors
/// Standard output is gone.
pub async fn serve<S, I, O>(pipe: Pipe<S>, input: I, output: O) -> std::io::Result<()>
where
    S: Service,
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let (outbox, inbox) = Outbox::channel();
    let writer = tokio::spawn(writer::write(output, inbox));
    let dialogue = Arc::<Dialogue>::default();
    let news = tokio::spawn(pipe.service.clone().news(None, dialogue.clone(), outbox.clone()));
    let waiting = Waiting::default();
    let mut lines = Lines::new(input, pipe.longest);
    loop {
        let line = tokio::select! {
            biased;
            () = pipe.closing.cancelled() => break,
            () = outbox.closed() => break,
            line = lines.next() => line,
        };
        match line {
            Ok(Some(Line::Whole(frame))) if frame.is_empty() => {}
            Ok(Some(Line::Whole(frame))) => take(&pipe, &dialogue, frame, &outbox, &waiting).await,
            Ok(Some(Line::TooLong)) => drop(outbox.send(HeadProblem::TooLarge.body()).await),
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "standard input failed");
                break;
            }
        }
    }
    pipe.slots.empty(LAST_CALLS).await;
    if pipe.closing.is_cancelled() {
        waiting.say_goodbye().await;
    }
    waiting.gone.cancel();
    news.abort();
    drop(outbox);
    writer.await.map_err(std::io::Error::other)?
}

/// Takes one message: answers it at once if that is possible, and in a task
/// of its own if it has to wait.
async fn take<S: Service>(pipe: &Pipe<S>, dialogue: &Arc<Dialogue>, frame: Bytes, outbox: &Outbox, waiting: &Waiting) {
    let inbound =
        Inbound { caller: pipe.service.local(), frame, wire: Wire::Stdio(dialogue.clone()), slot: pipe.slots.take() };
    let mut call: Pin<Box<_>> = Box::pin(pipe.service.clone().call(inbound, outbox.clone()));
    if let Some(reply) = call.as_mut().now_or_never() {
        return say(reply, outbox).await;
    }
    let (outbox, gone) = (outbox.clone(), waiting.gone.clone());
    waiting.tasks.spawn(async move {
        tokio::select! {
            reply = call => say(reply, &outbox).await,
            () = gone.cancelled() => {}
        }
    });
}

/// Messages that could not be answered at once.
#[derive(Default)]
struct Waiting {
    tasks: TaskTracker,
    /// Fired when nobody waits for their answers any more.
    gone: CancellationToken,
}

impl Waiting {
    /// Lets streams tell that they end, now that the house closes.
    async fn say_goodbye(&self) {
        self.tasks.close();
        let _ = tokio::time::timeout(LAST_WORDS, self.tasks.wait()).await;
    }
}

async fn say(reply: Reply, outbox: &Outbox) {
    if let Reply::Answer { body, .. } = reply {
        // A closed writer ends the loop that reads.
        let _ = outbox.send(body).await;
    }
}
