//! Closing the house: no new work, what is under way ends, then the rest.

use std::{future::pending, io};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, timeout_at},
};

use super::App;

/// The signals that close the house.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Serves, then closes within the grace. A second signal closes at once.
pub(super) async fn serve_and_drain(app: App) {
    let App { house, grace, mut listeners, mut stdio, mut signals, .. } = app;
    let reason = tokio::select! {
        signal = signals.next() => signal,
        () = ended(stdio.as_mut()) => {
            stdio = None;
            "the end of standard input"
        }
    };
    tracing::info!(reason, calls = house.slots.taken(), "closing: calls under way may end");
    house.closing.cancel();
    let deadline = Instant::now() + grace;
    let finish = async {
        while listeners.join_next().await.is_some() {}
        ended_if_any(stdio.as_mut()).await;
        // Calls whose connection broke, and which go on all the same.
        house.slots.empty(grace).await
    };
    let in_time = tokio::select! {
        done = timeout_at(deadline, finish) => done.unwrap_or(false),
        signal = signals.next() => {
            tracing::warn!(signal, "closing at once");
            false
        }
    };
    house.host.cut_off().await;
    house.recorder.close(house.slots.taken()).await;
    match house.slots.taken() {
        0 if in_time => tracing::info!("closed"),
        left => tracing::warn!(left, "closed with calls under way"),
    }
}

/// Ends with standard input; never, if it is not served.
async fn ended(stdio: Option<&mut tokio::task::JoinHandle<io::Result<()>>>) {
    match stdio {
        Some(task) => told(task.await),
        None => pending().await,
    }
}

async fn ended_if_any(stdio: Option<&mut tokio::task::JoinHandle<io::Result<()>>>) {
    if let Some(task) = stdio {
        told(task.await);
    }
}

fn told(ended: Result<io::Result<()>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        // Who closes standard output has gone, and is owed no error.
        Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Ok(Err(error)) => tracing::warn!(%error, "standard output failed"),
        Err(error) => tracing::error!(%error, "serving standard input failed"),
    }
}
