//! Streams that a client may come back to: what was said on one is kept for a
//! while, so that a broken connection loses nothing.
//!
//! A stream has one writer end, and at most one reader, the newest: who comes
//! back takes over from a connection that nobody has noticed to be broken.
//!
//! **Invariants:** everything is bounded, in a stream, in a session, over one
//! principal's sessions and over all. Nobody reads on over a gap, but of hints:
//! a reader that missed what fell out comes to its end, and who asks for it is
//! refused. A stream is found in its own session alone.

mod event_id;
mod reader;
mod room;
mod share;
mod stream;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

pub use self::{
    event_id::{EventId, NoEventId},
    reader::{Reader, Told},
    room::Room,
    share::Share,
    stream::{BYTES, KEPT, MESSAGES},
    writer::Writer,
};

use self::stream::Stream;

/// Most streams of one session that are kept. Answers "a client that makes
/// calls and hangs up"; the oldest that is finished makes room.
pub const STREAMS: usize = 64;

/// One session's streams.
#[derive(Default)]
pub struct Streams {
    share: Share,
    /// In the order in which they were begun.
    kept: Mutex<Vec<Arc<Stream>>>,
}

impl Streams {
    /// A session's streams, whose messages take their space from `share`.
    #[must_use]
    pub fn new(share: Share) -> Self {
        Self { share, kept: Mutex::default() }
    }

    /// Begins a stream. `None` if the session has as many as it may, all of
    /// them unfinished: then nothing can be kept.
    pub fn begin(&self) -> Option<(Writer, Reader)> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|stream| !stream.is_over());
        if kept.len() >= STREAMS {
            let finished = kept.iter().position(|stream| stream.is_finished())?;
            kept.remove(finished);
        }
        let stream = Arc::new(Stream::new(self.share.clone())?);
        kept.push(stream.clone());
        drop(kept);
        let reader = Reader::attach(stream.clone(), 0)?;
        Some((Writer::new(stream), reader))
    }

    /// Goes on reading behind the event `after`. `None` if this session has no
    /// such stream, or what comes next is not kept any more.
    pub fn resume(&self, after: EventId) -> Option<Reader> {
        let stream = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|stream| stream.number() == after.stream && !stream.is_over()).cloned()?
        };
        Reader::attach(stream, after.sequence)
    }

    /// Ends all streams and forgets what was said on them.
    pub fn end(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.iter().for_each(|stream| stream.forget());
    }
}
