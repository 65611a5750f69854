//! A runtime for verbs that wait for something and then end.

use std::{future::Future, io};

/// Runs `work` to its end.
///
/// # Errors
/// No threads can be started.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}
