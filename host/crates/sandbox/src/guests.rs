//! The threads that guests run on.
//!
//! **Invariant:** on a thread that does the host's I/O a guest runs for two ticks
//! at most, and only alone and while its plugin's calls are short ([`Pace`]). No guest's
//! blocking file operation runs there, or on a thread that runs guests.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

use crate::{cpu::Metered, pace::Pace, priority};

/// Threads for guests' file operations and look-ups. Answers "a file system
/// that hangs takes a thread for every call": a system call cannot be taken back.
const BLOCKING_THREADS: usize = 32;

/// How long a thread without work stays.
const IDLE: Duration = Duration::from_secs(10);

/// A worker looks for calls that have just come in before every guest that it
/// resumes: a new call waits for a tick, not for a queue of spinning guests.
const LOOK_FOR_NEW_EVERY: u32 = 1;

/// A worker looks for timers and sockets after so many resumptions: with every
/// guest spinning, that is four ticks.
const LOOK_FOR_EVENTS_EVERY: u32 = 4;

/// The runtime of guests.
pub(crate) struct Guests(Option<Runtime>);

/// A call on a guest thread; dropping it stops the guest at its next tick.
pub(crate) struct Running<T>(JoinHandle<T>);

impl Guests {
    /// `threads` threads for guests.
    pub(crate) fn start(threads: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_keep_alive(IDLE)
            .thread_name("guest")
            .global_queue_interval(LOOK_FOR_NEW_EVERY)
            .event_interval(LOOK_FOR_EVENTS_EVERY)
            .on_thread_start(priority::give_way)
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Lends the calling thread to `call`, until it waits or has had it for long
    /// enough. What the guest begins meanwhile belongs to the guest threads, as
    /// the call does afterwards. `None` if it panicked, or while shutting down.
    pub(crate) fn lend<T>(&self, call: &mut Metered<impl Future<Output = T>>, pace: &Pace) -> Option<Poll<T>> {
        let _entered = self.0.as_ref()?.enter();
        let (polled, loan) = catch_unwind(AssertUnwindSafe(|| call.poll_lent())).ok()?;
        if loan.overran {
            pace.overran();
        } else {
            pace.took(loan.took);
        }
        Some(polled)
    }

    /// Runs `call` on a guest thread. `None` while shutting down.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Option<Running<T>> {
        self.0.as_ref().map(|runtime| Running(runtime.spawn(call)))
    }
}

impl<T> Running<T> {
    /// What came out; `None` if the call was stopped or its thread panicked.
    pub(crate) async fn finish(&mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Drop for Guests {
    fn drop(&mut self) {
        // Waiting here for guests would block whoever drops the engine.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::Budget;

    #[tokio::test]
    async fn a_dropped_call_stops_at_its_next_yield() {
        let guests = Guests::start(1).unwrap();
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let forever = async move {
            let _held = sender;
            loop {
                tokio::task::yield_now().await;
            }
        };
        drop(guests.spawn(forever).unwrap());
        let stopped = tokio::time::timeout(Duration::from_secs(60), receiver).await;
        assert!(matches!(stopped, Ok(Err(_))), "the call ran on");
    }

    fn lent<T>(guests: &Guests, call: impl Future<Output = T>, pace: &Pace) -> Option<Poll<T>> {
        guests.lend(&mut Metered::new(call, Budget::new(Duration::from_secs(60))), pace)
    }

    #[test]
    fn a_short_call_is_over_on_the_thread_that_asks() {
        let (guests, pace) = (Guests::start(1).unwrap(), Pace::default());
        let here = std::thread::current().id();
        let ran = lent(&guests, async { std::thread::current().id() }, &pace);
        assert!(matches!(ran, Some(Poll::Ready(there)) if there == here));
        assert!(pace.is_short());
    }

    #[test]
    fn what_a_call_begins_on_a_lent_thread_is_not_left_there() {
        let (guests, pace) = (Guests::start(1).unwrap(), Pace::default());
        let (go, told) = std::sync::mpsc::channel();
        let begun = async move {
            let elsewhere = move || told.recv().map(|()| std::thread::current().name().map(str::to_owned));
            tokio::task::spawn_blocking(elsewhere).await.unwrap().unwrap()
        };
        let mut call = Metered::new(begun, Budget::new(Duration::from_secs(60)));
        assert!(matches!(guests.lend(&mut call, &pace), Some(Poll::Pending)), "it waits, elsewhere");
        go.send(()).unwrap();
        let mut running = guests.spawn(call).unwrap();
        let name = Runtime::new().unwrap().block_on(running.finish()).unwrap();
        assert_eq!(name.as_deref(), Some("guest"));
    }

    #[test]
    fn a_panic_costs_its_own_call() {
        let (guests, pace) = (Guests::start(1).unwrap(), Pace::default());
        assert!(lent(&guests, async { panic!("a host function is wrong") }, &pace).is_none());
        assert!(lent(&guests, async {}, &pace).is_some_and(|polled| polled.is_ready()));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_guest_thread_gives_way() {
        let guests = Guests::start(1).unwrap();
        let nice = |_: ()| rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let mut running = guests.spawn(async move { nice(()) }).unwrap();
        assert!(running.finish().await.unwrap() > nice(()));
    }
}
