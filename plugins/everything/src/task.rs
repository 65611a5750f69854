//! Work that runs as a task, for a client that follows tasks.

use std::thread::sleep;
use std::time::{Duration, Instant};

use bulkhead_sdk::prelude::*;

/// How often a long work looks whether it is still wanted.
const STEP: Duration = Duration::from_millis(50);
/// How long the jobs take that fail.
const JOB: Duration = Duration::from_secs(1);
/// The suite asks for a minute.
const MAX_SECONDS: f64 = 80.0;

#[derive(Deserialize, JsonSchema)]
pub struct Compute {
    /// How long it takes.
    #[schemars(range(min = 0, max = 80))]
    pub seconds: f64,
    /// What it is called in the answer.
    #[serde(default)]
    pub label: Option<String>,
}

/// Takes the seconds that it is told to take.
#[tool(task = "optional", read_only, open_world = false)]
pub fn slow_compute(args: Compute, ctx: &Context) -> Result<String> {
    let label = args.label.unwrap_or_else(|| "unnamed".to_owned());
    let seconds = args.seconds.clamp(0.0, MAX_SECONDS);
    let (start, time) = (Instant::now(), Duration::from_secs_f64(seconds));
    ctx.task_status(&format!("computing {label}"));
    while let Some(left) = time.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
        if ctx.cancelled() {
            return Err(Error::failed(format!("{label} was cancelled")));
        }
        ctx.progress(start.elapsed().as_secs_f64(), seconds, None);
        sleep(left.min(STEP));
    }
    Ok(format!("{label} took {seconds} seconds"))
}

/// Fails as a tool does: the task completes, and its result says so.
#[tool(task = "required", read_only, open_world = false)]
pub fn failing_job() -> ToolResult {
    sleep(JOB);
    ToolResult::error("This job always fails")
}

/// Fails as a call does: the task fails.
#[tool(task = "optional", read_only, open_world = false)]
pub fn protocol_error_job() -> Result<()> {
    sleep(JOB);
    Err(Error::protocol(-32603, "This job always breaks"))
}

#[derive(Deserialize, JsonSchema)]
pub struct Delete {
    /// What would be deleted.
    pub filename: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirm {
    confirm: bool,
}

/// Asks before it would delete a file.
#[tool(task = "optional", read_only, open_world = false)]
pub fn confirm_delete(args: Delete, ctx: &Context) -> Result<String> {
    let answer: Confirm = ctx.elicit("confirm", &format!("Delete {}?", args.filename))?;
    Ok(if answer.confirm { format!("Deleted {}", args.filename) } else { format!("Kept {}", args.filename) })
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Asks two things at once.
#[tool(task = "optional", read_only, open_world = false)]
pub fn multi_input(ctx: &Context) -> Result<String> {
    let (one, other): (Name, Name) =
        join((ctx.elicit("first", "What is the first name?"), ctx.elicit("second", "What is the second name?")))?;
    Ok(format!("{} and {}", one.name, other.name))
}

/// Asks for a name first, then works as a task.
#[tool(task = "required", asks_first, read_only, open_world = false)]
pub fn test_tool_with_task(ctx: &Context) -> Result<String> {
    let who: Name = ctx.elicit("user_name", "What is your name?")?;
    ctx.become_task()?;
    ctx.task_status("greeting");
    sleep(STEP);
    Ok(format!("Hello, {}!", who.name))
}
