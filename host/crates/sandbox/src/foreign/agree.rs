//! Whether a signed contract says of a tool what its component is.

use bulkhead_package::{ToolContract, foreign::Tool};
use serde_json::Value;

/// What is said of a type besides what it is.
const COMMENT: &str = "description";

/// Holds a tool of the contract against what was made of its function's types.
pub(super) fn check(signed: &ToolContract, made: &Tool) -> Result<(), String> {
    let output = signed.output_schema.as_ref().map(|schema| schema.as_str());
    if !is_same(signed.input_schema.as_str(), &made.input) {
        return Err("takes something else".to_owned());
    }
    match (output, &made.output) {
        (None, None) => Ok(()),
        (Some(signed), Some(made)) if is_same(signed, made) => Ok(()),
        _ => Err("gives something else".to_owned()),
    }
}

/// The same schema, whatever its comments.
fn is_same(signed: &str, made: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).map(uncommented);
    matches!((read(signed), read(made)), (Ok(signed), Ok(made)) if signed == made)
}

/// A member that is called so has a schema, which is no text.
fn uncommented(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(key, member)| key != COMMENT || !member.is_string());
            Value::Object(kept.map(|(key, member)| (key, uncommented(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(uncommented).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_alone_may_differ() {
        let made = r#"{"type":"object","properties":{"description":{"type":"string"}}}"#;
        assert!(is_same(
            r#"{"properties":{"description":{"description":"what","type":"string"}},"type":"object"}"#,
            made
        ));
        for other in [
            r#"{"type":"object","properties":{"description":{"type":"integer"}}}"#,
            r#"{"type":"object","properties":{"description":{"type":"string","maxLength":1}}}"#,
            r#"{"type":"object","properties":{}}"#,
        ] {
            assert!(!is_same(other, made), "{other}");
        }
    }
}
