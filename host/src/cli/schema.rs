//! A schema as a person reads it: a line a member, with what stands of it; what
//! is more than that is shown as it is written, so that nothing is left out.

use bulkhead_package::Json;
use serde_json::{Map, Value};

/// What of an object's schema is told in words. With any other keyword the
/// schema is shown as it is.
const OF_OBJECTS: [&str; 6] = ["type", "properties", "required", "additionalProperties", "title", "$schema"];
/// What of a member's schema is told in words.
const OF_MEMBERS: [&str; 2] = ["type", "description"];

/// `schema` in lines.
#[must_use]
pub(super) fn lines(schema: &Json) -> Vec<String> {
    let raw = || vec![schema.as_str().to_owned()];
    let Ok(Value::Object(object)) = serde_json::from_str(schema.as_str()) else { return raw() };
    let is_plain =
        object.keys().all(|key| OF_OBJECTS.contains(&key.as_str())) && object.get("type") == Some(&"object".into());
    let Some(members) = object.get("properties").and_then(Value::as_object).filter(|_| is_plain) else { return raw() };
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let member = |(name, schema): (&String, &Value)| member(name, schema, required.contains(&name.as_str()));
    let mut lines: Vec<String> = members.iter().map(member).collect();
    lines.extend(others(&object));
    lines
}

/// What of members that are not named.
fn others(object: &Map<String, Value>) -> Option<String> {
    match object.get("additionalProperties") {
        Some(Value::Bool(false)) => None,
        Some(schema @ Value::Object(_)) => Some(format!("and any other: {schema}")),
        _ => Some("and any other".to_owned()),
    }
}

fn member(name: &str, schema: &Value, is_required: bool) -> String {
    let optional = if is_required { "" } else { " (optional)" };
    let kind = schema.get("type").and_then(Value::as_str);
    let is_plain = |fields: &Map<String, Value>| fields.keys().all(|key| OF_MEMBERS.contains(&key.as_str()));
    let (Some(kind), Some(_)) = (kind, schema.as_object().filter(|fields| is_plain(fields))) else {
        return format!("{name}{optional}: {schema}");
    };
    let about = schema.get("description").and_then(Value::as_str).map(|about| format!(", {about}"));
    format!("{name}{optional}: {kind}{}", about.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        lines(&Json::parse(text).unwrap())
    }

    #[test]
    fn members_are_told_one_by_one() {
        let schema = r#"{"type":"object","required":["a"],"additionalProperties":false,
            "properties":{"a":{"type":"string","description":"what"},"b":{"type":"integer","maximum":3}}}"#;
        assert_eq!(of(schema), ["a: string, what", r#"b (optional): {"maximum":3,"type":"integer"}"#]);
        assert_eq!(
            of(r#"{"type":"object","properties":{"a":{"type":"string"}}}"#),
            ["a (optional): string", "and any other"]
        );
    }

    #[test]
    fn what_has_no_words_is_shown_as_it_is() {
        for raw in [r#"{"type":"string"}"#, r#"{"type":"object","properties":{},"patternProperties":{}}"#, "true"] {
            assert_eq!(of(raw), [raw]);
        }
    }
}
