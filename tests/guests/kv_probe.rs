//! Does with kept values what it is told.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Op {
    Get,
    Set,
    Delete,
    Exists,
    Increment,
    Keys,
}

#[derive(Deserialize, JsonSchema)]
struct Step {
    op: Op,
    key: Option<String>,
    value: Option<String>,
}

/// Does this, and tells what came of it.
#[tool]
fn run(args: Step, ctx: &Context) -> Result<String> {
    let kv = ctx.kv()?;
    let key = args.key.unwrap_or_default();
    let value = args.value.unwrap_or_default();
    Ok(match args.op {
        Op::Get => kv.get(&key)?.map_or("nothing".to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned()),
        Op::Set => kv.set(&key, value.as_bytes()).map(|()| "set".to_owned())?,
        Op::Delete => kv.delete(&key).map(|()| "deleted".to_owned())?,
        Op::Exists => kv.exists(&key)?.to_string(),
        Op::Increment => kv.increment(&key, 1)?.to_string(),
        Op::Keys => kv.keys()?.join(","),
    })
}

plugin!(run);
