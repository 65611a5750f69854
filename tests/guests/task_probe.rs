//! Works as a task, asks in one, and remembers that it was told to stop.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use bulkhead_sdk::prelude::*;

const STEP: Duration = Duration::from_millis(20);

#[derive(Deserialize, JsonSchema)]
struct Work {
    milliseconds: u64,
    /// So many bytes more in the result.
    #[serde(default)]
    bytes: usize,
}

/// Works for so long, and looks whether it is still wanted.
#[tool(task = "optional")]
fn work(args: Work, ctx: &Context) -> Result<String> {
    ctx.task_status("at work");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(args.milliseconds) {
        if ctx.cancelled() {
            ctx.kv()?.set("told", b"to stop")?;
            return Err(Error::failed("told to stop"));
        }
        sleep(STEP);
    }
    Ok(format!("worked, as a task: {}{}", ctx.as_task(), "x".repeat(args.bytes)))
}

/// Works for ever, and does not look.
#[tool(task = "required")]
fn stubborn() -> &'static str {
    loop {
        sleep(STEP);
    }
}

/// What the last task that was told to stop left behind.
#[tool]
fn told(ctx: &Context) -> Result<String> {
    let told = ctx.kv()?.get("told")?;
    Ok(told.map_or("nothing".to_owned(), |told| String::from_utf8_lossy(&told).into_owned()))
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Color {
    color: String,
}

/// Asks one thing after another.
#[tool(task = "optional")]
fn ask(ctx: &Context) -> Result<String> {
    let who: Name = ctx.elicit("name", "Who are you?")?;
    let taste: Color = ctx.elicit("color", "What is your favourite colour?")?;
    Ok(format!("{} likes {}", who.name, taste.color))
}

/// Wants to be a task, and its contract does not say so.
#[tool]
fn sly(ctx: &Context) -> Result<&'static str> {
    ctx.become_task()?;
    Ok("ran")
}

plugin!(work, stubborn, told, ask, sly);
