//! Log lines: to standard error, as text or JSON.
//!
//! **Invariant:** nothing is ever logged to standard output, where stdio speaks
//! JSON-RPC, and nothing that a guest, a manifest or a client wrote moves the
//! cursor, begins another line or hides in one.

use std::{
    fmt::{Debug, Write as _},
    io::{self, IsTerminal as _},
};

use bulkhead_package::display::{Safe, safe_json};
use tracing::field::Field;
use tracing_subscriber::{
    field::MakeExt as _,
    filter::{LevelFilter, Targets},
    fmt::{self, format::Writer},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::cli::{
    LogFormat, Manner, Verb,
    exit::{Exit, Failure},
};

/// Begins to log.
///
/// # Errors
/// Somebody else in this process already does.
pub fn start(manner: &Manner, verb: &Verb) -> Result<(), Failure> {
    let filter = filter(manner, verb);
    let begun = match manner.log_format {
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
            tracing_subscriber::registry().with(filter).with(lines.with_writer(|| Escaping(io::stderr()))).try_init()
        }
        LogFormat::Text => {
            let fields = fmt::format::debug_fn(plain).delimited(" ");
            let lines = fmt::layer().fmt_fields(fields).with_ansi(io::stderr().is_terminal()).with_target(false);
            tracing_subscriber::registry().with(filter).with(lines.with_writer(io::stderr)).try_init()
        }
    };
    begun.map_err(|error| Failure::new(Exit::FAILED, error.to_string()))
}

/// A field of a line of text, whoever wrote it.
fn plain(out: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> std::fmt::Result {
    match field.name() {
        "message" => {}
        name => write!(out, "{name}=")?,
    }
    write!(Safe(out), "{value:?}")
}

/// Escapes in lines of JSON what JSON itself leaves alone.
struct Escaping<W>(W);

impl<W: io::Write> io::Write for Escaping<W> {
    /// Lines come whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match str::from_utf8(line) {
            Ok(text) => self.0.write_all(safe_json(text).as_bytes())?,
            Err(_) => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Servers say what they do, other verbs only what went wrong; other people's
/// crates only when everything is asked for. `dev` tells of loading in its own
/// words.
fn filter(manner: &Manner, verb: &Verb) -> Targets {
    use LevelFilter as Level;
    let (others, ours) = match (manner.quiet, manner.verbose, verb) {
        (true, ..) => (Level::ERROR, Level::ERROR),
        (false, 0, Verb::Serve(_) | Verb::Dev(_)) => (Level::WARN, Level::INFO),
        (false, 0, _) => (Level::ERROR, Level::WARN),
        (false, 1, _) => (Level::WARN, Level::DEBUG),
        (false, ..) => (Level::INFO, Level::TRACE),
    };
    let targets = Targets::new().with_default(others).with_target("bulkhead", ours);
    match (manner.quiet, manner.verbose, verb) {
        (false, 0, Verb::Dev(_)) => targets.with_target("bulkhead::load", Level::WARN),
        (false, 2.., _) => targets.with_target("hyper", Level::DEBUG).with_target("rustls", Level::DEBUG),
        _ => targets,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const HOSTILE: &str = "a\r\n2026-01-01 ERROR\u{1b}[2J\u{202e}\u{e0041}\u{9b}";

    fn log(kept: &Kept, subscriber: impl tracing::Subscriber + Send + Sync + 'static) -> String {
        tracing::subscriber::with_default(subscriber, || {
            let _span = tracing::info_span!("call", operation = %HOSTILE).entered();
            tracing::info!(display = %HOSTILE, text = HOSTILE, "says {HOSTILE}");
        });
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    fn assert_plain(text: &str) {
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        assert!(!text.contains(['\r', '\u{1b}', '\u{202e}', '\u{e0041}', '\u{9b}']), "{text:?}");
    }

    #[test]
    fn a_line_of_text_stays_one_line_whoever_wrote_it() {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = fmt::layer().fmt_fields(fmt::format::debug_fn(plain).delimited(" ")).with_ansi(false);
        let text = log(&kept, tracing_subscriber::registry().with(lines.with_writer(move || writer.clone())));
        assert_plain(&text);
        assert!(text.contains("says a\\r\\n2026") && text.contains("display=a\\r\\n"), "{text}");
    }

    #[test]
    fn a_line_of_json_says_the_same_and_hides_nothing() {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = fmt::layer().json().flatten_event(true).with_current_span(true);
        let lines = lines.with_writer(move || Escaping(writer.clone()));
        let text = log(&kept, tracing_subscriber::registry().with(lines));
        assert_plain(&text);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["text"], HOSTILE);
    }
}
