//! A calculator. Exact where arithmetic is exact, and bounded in time and
//! space. It reads no file, opens no connection and evaluates no code.

mod calculate;
mod error;
mod function;
mod limits;
mod parse;
mod show;
mod token;
mod value;

use bulkhead_sdk::{prelude::*, serde_json::Number};

pub use calculate::{Outcome, calculate};
pub use error::CalcError;
pub use limits::*;

#[derive(Deserialize, JsonSchema)]
struct Evaluate {
    /// Such as "2 * (3 + 4) ** 2", "sqrt(2)" or "0.1 + 0.2".
    #[schemars(length(max = 4096))]
    expression: String,
}

#[derive(Serialize, JsonSchema)]
struct Evaluated {
    /// The number, in decimal digits.
    result: String,
    /// The nearest double, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<Number>,
    /// Whether `result` is the whole number, with nothing rounded on the way.
    exact: bool,
}

/// Computes an arithmetic expression. Integers and decimals of any size are
/// exact; what has no end is rounded to 30 digits. Operators: + - * / //
/// (floor) % ** or ^ (power, from the right) ! and parentheses. Constants: pi,
/// e, tau. Functions: abs acos asin atan atan2 cbrt ceil cos cosh degrees exp
/// factorial floor gcd hypot lcm ln log (base 10, or log(x, base)) log10 log2
/// max min mod pow radians round (half away from zero; round(x, places)) sign
/// sin sinh sqrt sum tan tanh trunc. Angles are in radians.
#[tool(title = "Calculate", read_only, idempotent, open_world = false)]
fn evaluate(args: Evaluate) -> Result<Json<Evaluated>> {
    let outcome = calculate(&args.expression).map_err(|error| Error::invalid(error.to_string()))?;
    Ok(Json(Evaluated { number: outcome.double.and_then(number), result: outcome.digits, exact: outcome.exact }))
}

/// The largest magnitude up to which every whole double is one integer.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// `double` as JSON writes it: whole numbers without a point.
fn number(double: f64) -> Option<Number> {
    if double.fract() == 0.0 && double.abs() <= MAX_SAFE_INTEGER {
        return format!("{double:.0}").parse::<i64>().ok().map(Number::from);
    }
    Number::from_f64(double)
}

plugin! { tools: [evaluate], std: stderr }

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(expression: &str) -> Result<Value> {
        let result = Harness::new().tool::<evaluate>(json!({"expression": expression}))?;
        Ok(bulkhead_sdk::serde_json::from_str(result.structured.as_deref().unwrap_or_default())?)
    }

    #[test]
    fn the_answer_is_structured() {
        assert_eq!(answer("2 + 3 * 4"), Ok(json!({"result": "14", "number": 14, "exact": true})));
        assert_eq!(answer("0.1 + 0.2"), Ok(json!({"result": "0.3", "number": 0.3, "exact": true})));
        assert_eq!(
            answer("10 ** 400"),
            Ok(json!({"result": format!("1{}", "0".repeat(400)), "exact": true})),
            "no double is as large"
        );
    }

    #[test]
    fn what_is_wrong_is_told_to_the_model() {
        assert_eq!(answer("1 / 0"), Err(Error::invalid("division by zero")));
        assert!(matches!(answer("9**9**9"), Err(Error::Invalid(text)) if text.contains("10000 digits")));
    }
}
