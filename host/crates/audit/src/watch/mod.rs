//! Looks at the thread that writes: a disk may hang, and tell nobody.
//!
//! **Invariant:** nobody waits for a disk that has taken nothing for as long as
//! [`Settings::stall`](crate::Settings::stall): they are told that the record
//! cannot be written, and so is who comes next, until the writer is back.

#[cfg(test)]
pub(crate) mod tests;

use std::{sync::Arc, thread};

use crate::{AuditError, queue::Queue, settings::Settings};

/// Begins to look at the writer of `queue`, until it leaves.
pub(crate) fn start(queue: Arc<Queue>, settings: &Settings) -> Result<(), AuditError> {
    let patience = settings.stall;
    let thread = thread::Builder::new().name("record-watch".to_owned());
    let watching = thread.spawn(move || while queue.wait(&queue.look(patience)) {});
    watching.map(drop).map_err(AuditError::Thread)
}

/// Held by whoever writes: its end is told, however it comes.
pub(crate) struct Writing(pub(crate) Arc<Queue>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.leave();
    }
}
