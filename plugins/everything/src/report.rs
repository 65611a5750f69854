//! What a call tells its caller while it runs.

use std::thread::sleep;
use std::time::Duration;

use bulkhead_sdk::prelude::*;
use bulkhead_sdk::types::ItemKind;

/// What the suite asks to lie between two reports.
const PAUSE: Duration = Duration::from_millis(50);
/// When a client whose stream was closed comes back.
const RETRY: Duration = Duration::from_millis(500);
/// Longer than it takes to close a stream, shorter than `RETRY`.
const AFTER_CLOSING: Duration = Duration::from_millis(200);

/// Reports progress: 0, 50 and 100 of 100.
#[tool(read_only, open_world = false)]
pub fn test_tool_with_progress(ctx: &Context) -> &'static str {
    for (step, done) in [0.0, 50.0, 100.0].into_iter().enumerate() {
        if step > 0 {
            sleep(PAUSE);
        }
        ctx.progress(done, 100.0, None);
    }
    "Tool with progress executed successfully"
}

/// Logs three lines while it works.
#[tool(read_only, open_world = false)]
pub fn test_tool_with_logging(ctx: &Context) -> &'static str {
    ctx.log(LogLevel::Info, "Tool execution started");
    sleep(PAUSE);
    ctx.log(LogLevel::Info, "Tool processing data");
    sleep(PAUSE);
    ctx.log(LogLevel::Info, "Tool execution completed");
    "Tool with logging executed successfully"
}

/// Logs a line, for a caller who asked for lines.
#[tool(read_only, open_world = false)]
pub fn test_logging_tool(ctx: &Context) -> &'static str {
    ctx.log_as("everything", LogLevel::Info, json!({"message": "a line from the tool"}));
    "Logged, if the request named a level"
}

/// Closes the stream of its own call and answers when the client is back.
#[tool(read_only, open_world = false)]
pub fn test_reconnection(ctx: &Context) -> &'static str {
    ctx.close_stream(RETRY);
    sleep(AFTER_CLOSING);
    "Reconnection test completed successfully"
}

/// Hides a tool and shows it again, so that the list of tools has changed.
#[tool(open_world = false)]
pub fn test_trigger_tool_change(ctx: &Context) -> Result<&'static str> {
    ctx.set_visible(ItemKind::Tool, "test_dynamic_tool", false)?;
    ctx.set_visible(ItemKind::Tool, "test_dynamic_tool", true)?;
    Ok("The list of tools has changed")
}

/// Hides a prompt and shows it again, so that the list of prompts has changed.
#[tool(open_world = false)]
pub fn test_trigger_prompt_change(ctx: &Context) -> Result<&'static str> {
    ctx.set_visible(ItemKind::Prompt, "test_dynamic_prompt", false)?;
    ctx.set_visible(ItemKind::Prompt, "test_dynamic_prompt", true)?;
    Ok("The list of prompts has changed")
}

/// Comes and goes.
#[tool(read_only, open_world = false)]
pub fn test_dynamic_tool() -> &'static str {
    "Here for the moment"
}
