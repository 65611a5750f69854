//! JSON Schemas from types.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The schema of a tool without arguments.
const NO_ARGUMENTS: &str = r#"{"type":"object","properties":{},"additionalProperties":false}"#;

/// What a tool that takes `T` accepts.
pub fn input<T: JsonSchema>() -> Box<RawValue> {
    raw(named_as_object(of::<T>(SchemaSettings::draft2020_12().for_deserialize())))
}

/// What a tool that answers with `T` gives.
pub(crate) fn output<T: JsonSchema>() -> Box<RawValue> {
    raw(of::<T>(SchemaSettings::draft2020_12().for_serialize()))
}

/// What a tool without arguments accepts.
pub fn no_arguments() -> Box<RawValue> {
    verbatim(NO_ARGUMENTS)
}

/// A schema as its author wrote it.
///
/// The macros have checked that it is JSON when this runs.
pub fn verbatim(schema: &str) -> Box<RawValue> {
    RawValue::from_string(schema.to_owned()).unwrap_or_default()
}

/// The properties of a type, with whether each must be given.
pub(crate) fn fields<T: JsonSchema>() -> Vec<(String, Option<String>, bool)> {
    let schema = of::<T>(SchemaSettings::draft2020_12().for_deserialize());
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|other| other == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let describe = |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_owned);
    properties.into_iter().flatten().map(|(name, schema)| (name.clone(), describe(schema), is_required(name))).collect()
}

/// The flat schema that a form may have: an object of primitive properties,
/// without references or `null`.
pub(crate) fn form<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_deserialize();
    settings.inline_subschemas = true;
    let mut schema = of::<T>(settings).to_value();
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        flatten(property);
    }
    schema
}

fn flatten(property: &mut Value) {
    let Some(property) = property.as_object_mut() else { return };
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = property.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if property.get("default").is_some_and(Value::is_null) {
        property.remove("default");
    }
}

/// `uint64` and its like are formats of OpenAPI, not of JSON Schema: clients
/// warn of them, and `minimum` and `maximum` say the same.
fn without_number_format(schema: &mut Schema) {
    let is_number = |kind: &Value| matches!(kind.as_str(), Some("integer" | "number"));
    let numeric = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_number),
        Some(kind) => is_number(kind),
        None => false,
    };
    if numeric {
        schema.remove("format");
    }
}

/// The name of the Rust type says nothing to a model.
fn of<T: JsonSchema>(mut settings: SchemaSettings) -> Schema {
    settings.meta_schema = None;
    let settings = settings.with_transform(RecursiveTransform(without_number_format));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema
}

/// A unit struct or `Value` accepts anything; a tool's arguments are an object.
fn named_as_object(mut schema: Schema) -> Schema {
    if schema.get("type").is_none() || schema.get("type").is_some_and(|kind| kind == "null") {
        schema.insert("type".to_owned(), Value::from("object"));
    }
    schema
}

fn raw(schema: Schema) -> Box<RawValue> {
    verbatim(&schema.to_value().to_string())
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, Serialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Plan {
        Free,
        Paid,
    }

    /// Who signs up.
    #[derive(Deserialize, Serialize, JsonSchema)]
    struct SignUp {
        /// Name for the badge.
        name: String,
        age: Option<u8>,
        #[serde(default)]
        plan: Option<Plan>,
    }

    #[test]
    fn an_input_schema_says_what_the_struct_says() {
        let schema: Value = serde_json::from_str(input::<SignUp>().get()).unwrap();
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["description"], "Who signs up.");
        assert_eq!(schema["required"], json!(["name"]));
        assert_eq!(schema["properties"]["name"], json!({"type": "string", "description": "Name for the badge."}));
        assert!(schema.get("title").is_none() && schema.get("$schema").is_none());
    }

    #[test]
    fn arguments_are_always_an_object() {
        for schema in [input::<Value>(), input::<()>(), no_arguments()] {
            let schema: Value = serde_json::from_str(schema.get()).unwrap();
            assert_eq!(schema["type"], "object");
        }
    }

    #[test]
    fn numbers_carry_no_format_of_other_standards() {
        #[derive(Serialize, JsonSchema)]
        struct Sizes {
            whole: u64,
            part: Option<f32>,
            #[schemars(extend("format" = "date"))]
            day: String,
        }
        let schema: Value = serde_json::from_str(output::<Vec<Sizes>>().get()).unwrap();
        let text = schema.to_string();
        assert!(!text.contains("uint64") && !text.contains("float"), "{text}");
        assert!(text.contains("date"), "formats of strings stay: {text}");
    }

    #[test]
    fn a_form_is_flat() {
        let schema = form::<SignUp>();
        assert_eq!(schema["properties"]["age"], json!({"type": "integer", "minimum": 0, "maximum": 255}));
        assert_eq!(schema["properties"]["plan"]["enum"], json!(["free", "paid"]));
        assert!(!schema.to_string().contains("null"), "{schema}");
    }

    #[test]
    fn fields_become_a_prompts_arguments() {
        let fields = fields::<SignUp>();
        assert!(fields.contains(&("name".to_owned(), Some("Name for the badge.".to_owned()), true)));
        assert!(fields.contains(&("age".to_owned(), None, false)));
    }
}
