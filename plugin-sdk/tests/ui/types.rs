use bulkhead_sdk::prelude::*;

#[derive(Deserialize)]
struct NoSchema {}

#[derive(JsonSchema)]
struct NotRead {}

struct Other;

/// Has arguments without a schema.
#[tool]
fn no_schema(_args: NoSchema) {}

/// Has arguments that cannot be read.
#[tool]
fn not_read(_args: NotRead) {}

/// Returns something else.
#[tool]
fn other_answer() -> Other {
    Other
}

/// Returns something else.
#[prompt]
fn other_prompt() -> Other {
    Other
}

/// Returns something else.
#[resource("shop://other")]
fn other_reading() -> Result<Other> {
    Ok(Other)
}

fn main() {}
