//! Log lines: to standard error, as text or JSON.
//!
//! **Invariant:** nothing is ever logged to standard output, where stdio speaks
//! JSON-RPC.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::cli::{
    LogFormat, Manner, Verb,
    exit::{Exit, Failure},
};

/// Begins to log.
///
/// # Errors
/// Somebody else in this process already does.
pub fn start(manner: &Manner, verb: &Verb) -> Result<(), Failure> {
    let filter = EnvFilter::new(filter(manner, verb));
    let begun = match manner.log_format {
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
            tracing_subscriber::registry().with(filter).with(lines.with_writer(std::io::stderr)).try_init()
        }
        LogFormat::Text => {
            let lines = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_target(false);
            tracing_subscriber::registry().with(filter).with(lines.with_writer(std::io::stderr)).try_init()
        }
    };
    begun.map_err(|error| Failure::new(Exit::FAILED, error.to_string()))
}

/// Servers say what they do, other verbs only what went wrong; other people's
/// crates only when everything is asked for.
fn filter(manner: &Manner, verb: &Verb) -> &'static str {
    let serves = matches!(verb, Verb::Serve(_) | Verb::Dev(_));
    match (manner.quiet, manner.verbose, serves) {
        (true, ..) => "error",
        (false, 0, true) => "warn,bulkhead=info",
        (false, 0, false) => "error,bulkhead=warn",
        (false, 1, _) => "warn,bulkhead=debug",
        (false, ..) => "info,bulkhead=trace,hyper=debug,rustls=debug",
    }
}
