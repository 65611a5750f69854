//! Says more than anybody wants to read, everywhere it can.

use std::io::Write as _;

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Flood {
    lines: usize,
    bytes: usize,
    /// Stands in each line.
    #[serde(default)]
    mark: String,
}

/// Writes so many lines of so many bytes to the log, to standard output and to standard error.
#[tool]
fn run(args: Flood, ctx: &Context) -> &'static str {
    let line = format!("{}{}", args.mark, "y".repeat(args.bytes.saturating_sub(args.mark.len())));
    for _ in 0..args.lines {
        ctx.log(LogLevel::Info, &line);
        // A host that takes no more is no reason to stop.
        let _ = writeln!(std::io::stdout(), "{line}");
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    "said"
}

plugin!(run);
