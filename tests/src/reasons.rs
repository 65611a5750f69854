//! Why tests failed, so that it is said again after what their server said.

use std::{
    fmt::Write as _,
    panic,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread,
};

/// How many are said again: a thread's, and that of the test which waited for it.
const SAID_AGAIN: usize = 4;

static REASONS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn reasons() -> MutexGuard<'static, Vec<String>> {
    REASONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers from now on why something panicked.
pub(super) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let name = thread::current().name().unwrap_or("a thread").to_owned();
            reasons().push(format!("{name}: {info}"));
            before(info);
        }));
    });
}

/// The last of them, of whichever test.
pub(super) fn last() -> String {
    let reasons = reasons();
    let mut told = String::new();
    for reason in &reasons[reasons.len().saturating_sub(SAID_AGAIN)..] {
        let _ = writeln!(told, "{reason}");
    }
    told
}
