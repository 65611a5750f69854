//! Structured answers, progress, log lines, cancellation.

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
pub struct Add {
    pub a: i64,
    pub b: i64,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sum {
    pub sum: i64,
}

/// Adds two numbers.
#[tool]
pub fn add(args: Add) -> Result<Json<Sum>> {
    let sum = args.a.checked_add(args.b).ok_or_else(|| Error::invalid("the sum does not fit into 64 bits"))?;
    Ok(Json(Sum { sum }))
}

#[derive(Deserialize, JsonSchema)]
pub struct Count {
    /// How far.
    #[schemars(range(min = 1, max = 100))]
    pub to: u32,
}

/// Counts, and reports each number on the way.
#[tool]
pub fn count(args: Count, ctx: &Context) -> Result<String> {
    for k in 1..=args.to {
        if ctx.cancelled() {
            return Err(Error::failed(format!("stopped before {k}: the caller gave up")));
        }
        ctx.progress(f64::from(k), f64::from(args.to), k.to_string().as_str());
    }
    ctx.log(LogLevel::Info, format!("counted to {}", args.to));
    Ok(args.to.to_string())
}
