//! Guests' threads give way to everybody else's.

/// How nice a guest's thread is: with the same load it gets about a third of
/// what a thread that does I/O gets. Answers "spinning guests delay `ping`".
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Lowers the calling thread's priority. On Linux, where a nice value belongs
/// to a thread, for good; elsewhere it does nothing, and guests compete with
/// I/O on equal terms. A system that refuses leaves the thread as it is.
#[cfg(target_os = "linux")]
pub fn give_way() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICE) {
        tracing::warn!(%error, "guest threads keep their priority");
    }
}

/// See the Linux version.
#[cfg(not(target_os = "linux"))]
pub const fn give_way() {}
