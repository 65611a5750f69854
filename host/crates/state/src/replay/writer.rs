use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;

use super::stream::{Leave, Stream};

/// The end of a stream at which it is written. Dropped, the stream is finished:
/// it is kept for a while, and then forgotten.
pub struct Writer(Arc<Stream>);

impl Writer {
    pub(super) fn new(stream: Arc<Stream>) -> Self {
        Self(stream)
    }

    /// Says `message`, to the reader that there is or to the next one.
    pub fn push(&self, message: Bytes) {
        self.0.push(message);
    }

    /// Says `message`, of which a reader that is far behind misses the oldest.
    pub fn mention(&self, message: Bytes) {
        self.0.mention(message);
    }

    /// Says `message`, unless too much waits to be read already.
    pub fn hint(&self, message: Bytes) {
        self.0.hint(message);
    }

    /// Sends the reader away, once it has read what was said so far; it is told
    /// to come back after `retry`. Nothing happens if there is none.
    pub fn send_away(&self, retry: Duration) {
        let mut state = self.0.state();
        if self.0.is_read() {
            state.leave = Some(Leave { turn: state.turn, retry });
            state.wake();
        }
    }

    /// Ends once nobody has read for as long as `patience`.
    pub async fn deserted(&self, patience: Duration) {
        let mut read = self.0.read.subscribe();
        loop {
            // The sender lives as long as the stream.
            let _ = read.wait_for(|read| !*read).await;
            if timeout(patience, read.wait_for(|read| *read)).await.is_err() {
                return;
            }
        }
    }

    /// Ends the stream and keeps nothing: nobody will come back to it.
    pub fn forget(self) {
        self.0.forget();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.0.finish() {
            self.0.share().finished(&self.0);
        }
    }
}
