//! Sends its client away in the middle of a call.

use std::{thread, time::Duration};

use bulkhead_sdk::prelude::*;
use bulkhead_sdk::types::ItemKind;

#[derive(Deserialize, JsonSchema)]
struct Work {
    /// Lines that are logged before the stream is closed, and behind that.
    before: u32,
    after: u32,
    /// How long lies between.
    pause_ms: u64,
    /// When the client is to come back.
    retry_ms: Option<u64>,
}

/// Logs, closes its stream, and logs on.
#[tool]
fn run(args: Work, ctx: &Context) -> &'static str {
    for line in 1..=args.before {
        ctx.log(LogLevel::Info, format!("before {line}"));
    }
    ctx.close_stream(args.retry_ms.map(Duration::from_millis));
    thread::sleep(Duration::from_millis(args.pause_ms));
    for line in 1..=args.after {
        ctx.log(LogLevel::Info, format!("after {line}"));
    }
    "done"
}

/// Hides a tool and shows it again, so that the list of tools has changed.
#[tool]
fn change(ctx: &Context) -> Result<&'static str> {
    ctx.set_visible(ItemKind::Tool, "run", false)?;
    ctx.set_visible(ItemKind::Tool, "run", true)?;
    Ok("changed")
}

plugin!(run, change);
