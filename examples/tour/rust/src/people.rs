//! Greetings, questions, a prompt, and a failure.

use bulkhead_sdk::prelude::*;

const TONES: [&str; 3] = ["formal", "friendly", "funny"];

#[derive(Deserialize, JsonSchema)]
pub struct Greet {
    /// Who is greeted.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Whether to shout.
    #[serde(default)]
    pub excited: bool,
}

/// Greets somebody by name.
#[tool(read_only)]
pub fn greet(args: Greet) -> String {
    format!("Hello, {}{}", args.name, if args.excited { '!' } else { '.' })
}

#[derive(Deserialize, JsonSchema)]
struct Who {
    /// Your name
    name: String,
}

/// Asks who is there, and greets them.
#[tool]
pub fn ask(ctx: &Context) -> Result<String> {
    match ctx.elicit::<Who>("who", "Who are you?") {
        Ok(who) => Ok(format!("Hello, {}.", who.name)),
        Err(Error::Denied(_)) => Ok("Nobody.".to_owned()),
        Err(other) => Err(other),
    }
}

/// Fails, in a way that a model can read.
#[tool]
pub fn fail() -> ToolResult {
    ToolResult::error("this tool always fails")
}

#[derive(Deserialize, JsonSchema)]
pub struct Introduce {
    /// Who is introduced.
    pub name: String,
    /// How it should sound; friendly if left out.
    pub tone: Option<String>,
}

/// Asks a model to introduce somebody.
#[prompt]
pub fn introduce(args: Introduce) -> String {
    let tone = args.tone.as_deref().unwrap_or("friendly");
    format!("Introduce {} in a {tone} way.", args.name)
}

/// Tones that begin with what was typed.
#[completion(prompt = introduce, argument = "tone")]
pub fn tones(typed: &str) -> Completion {
    Completion::starting(typed, TONES)
}
