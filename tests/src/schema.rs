//! The published schemas, and what of them a message has to fit.
//!
//! A response has to fit the result of the method that was asked, an error the
//! error of its code, a request or notification the one of its method. What a
//! schema does not know (an extension) has to fit its revision's envelope.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use bulkhead_schema::Plain;
use serde_json::{Value, json};

const PUBLISHED: [(&str, &str); 4] = [
    ("2025-03-26", include_str!("../fixtures/schema/2025-03-26.json")),
    ("2025-06-18", include_str!("../fixtures/schema/2025-06-18.json")),
    ("2025-11-25", include_str!("../fixtures/schema/2025-11-25.json")),
    ("2026-07-28", include_str!("../fixtures/schema/2026-07-28.json")),
];
const FIRST_REVISION: &str = include_str!("../fixtures/schema/2024-11-05.changes.json");
const TASKS: &str = include_str!("../fixtures/schema/2026-07-28.tasks.json");

/// The revisions that have a schema, the oldest first.
pub const REVISIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/// Holds `message`, an answer to `asked` if it is one, against `revision`.
///
/// # Errors
/// Where it does not fit.
pub fn check(revision: &str, asked: Option<&str>, message: &Value) -> Result<(), String> {
    let schema = Schema::of(revision);
    if let Some(method) = message["method"].as_str() {
        let envelope = if message.get("id").is_some() { "JSONRPCRequest" } else { "JSONRPCNotification" };
        return schema.fits(schema.messages.get(method).map_or(envelope, String::as_str), message);
    }
    if let Some(error) = message.get("error") {
        let named = error["code"].as_i64().and_then(|code| schema.errors.get(&code));
        return schema.fits(named.map_or(schema.error_envelope(), String::as_str), message);
    }
    let Some(result) = message.get("result") else { return Err(format!("neither request nor response: {message}")) };
    schema.fits(schema.result_envelope(), message)?;
    match schema.result(asked, result)? {
        Some(definition) => schema.fits(&definition, result),
        None => Ok(()),
    }
}

/// One revision's schema.
struct Schema {
    document: Value,
    /// Where its definitions lie.
    at: &'static str,
    /// The definition of each method's message, of each code's error, of each method's result.
    messages: BTreeMap<String, String>,
    errors: BTreeMap<i64, String>,
    results: BTreeMap<String, String>,
    compiled: Mutex<BTreeMap<String, Arc<Plain>>>,
}

impl Schema {
    fn of(revision: &str) -> &'static Self {
        static ALL: OnceLock<BTreeMap<&str, Schema>> = OnceLock::new();
        let all = ALL.get_or_init(|| REVISIONS.map(|revision| (revision, Self::new(document(revision)))).into());
        all.get(revision).unwrap_or_else(|| panic!("no schema of {revision}"))
    }

    fn new(document: Value) -> Self {
        let at = if document.get("$defs").is_some() { "$defs" } else { "definitions" };
        let definitions = document[at].as_object().expect("definitions").clone();
        let (mut messages, mut errors, mut results) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (name, definition) in &definitions {
            let properties = &definition["properties"];
            if let Some(method) = properties["method"]["const"].as_str() {
                messages.insert(method.to_owned(), name.clone());
                let result = name.strip_suffix("Request").map(|stem| format!("{stem}Result"));
                results.extend(
                    result.filter(|result| definitions.contains_key(result)).map(|result| (method.to_owned(), result)),
                );
            }
            for part in properties["error"]["allOf"].as_array().into_iter().flatten() {
                let code = part["properties"]["code"]["const"].as_i64();
                errors.extend(code.map(|code| (code, name.clone())));
            }
        }
        Self { document, at, messages, errors, results, compiled: Mutex::default() }
    }

    fn knows(&self, definition: &str) -> bool {
        self.document[self.at].get(definition).is_some()
    }

    fn error_envelope(&self) -> &'static str {
        if self.knows("JSONRPCErrorResponse") { "JSONRPCErrorResponse" } else { "JSONRPCError" }
    }

    fn result_envelope(&self) -> &'static str {
        if self.knows("JSONRPCResultResponse") { "JSONRPCResultResponse" } else { "JSONRPCResponse" }
    }

    /// The definition that the result of `asked` has to fit.
    fn result(&self, asked: Option<&str>, result: &Value) -> Result<Option<String>, String> {
        let complete = asked.and_then(|method| self.results.get(method)).cloned();
        if !self.knows("InputRequiredResult") {
            return Ok(complete);
        }
        match result["resultType"].as_str() {
            Some("complete") => Ok(complete),
            Some("input_required") => Ok(Some("InputRequiredResult".to_owned())),
            Some("task") => Ok(Some("CreateTaskResult".to_owned())),
            other => Err(format!("/resultType: {other:?} is none that was published")),
        }
    }

    fn fits(&self, definition: &str, value: &Value) -> Result<(), String> {
        let validator = self.compiled(definition);
        let told: Vec<String> = validator.errors(value, 6).iter().map(|error| format!("{definition}{error}")).collect();
        if told.is_empty() { Ok(()) } else { Err(told.join("\n")) }
    }

    fn compiled(&self, definition: &str) -> Arc<Plain> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = compiled.entry(definition.to_owned());
        entry.or_insert_with(|| Arc::new(self.compile(definition))).clone()
    }

    fn compile(&self, definition: &str) -> Plain {
        let mut document = self.document.clone();
        document["$ref"] = format!("#/{}/{definition}", self.at).into();
        Plain::compile(&document, &[("byte", is_base64)]).unwrap_or_else(|error| panic!("{definition}: {error}"))
    }
}

fn is_base64(text: &str) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.decode(text).is_ok()
}

fn document(revision: &str) -> Value {
    let read = |text: &str| -> Value { serde_json::from_str(text).expect("a fixture in JSON") };
    let published = |wanted: &str| {
        let found = PUBLISHED.iter().find(|(revision, _)| *revision == wanted);
        read(found.unwrap_or_else(|| panic!("no schema of {wanted}")).1)
    };
    match revision {
        "2024-11-05" => {
            let mut document = published("2025-03-26");
            merge(&mut document, read(FIRST_REVISION));
            document
        }
        "2026-07-28" => {
            let mut document = published(revision);
            merge(&mut document, read(TASKS));
            document
        }
        _ => {
            let mut document = published(revision);
            correct_numbers(&mut document);
            document
        }
    }
}

/// A JSON merge patch (RFC 7396).
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let members = target.as_object_mut().expect("an object");
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// An error of two published files: the bounds of a number need not be integers.
fn correct_numbers(document: &mut Value) {
    for at in ["$defs", "definitions"] {
        for member in ["minimum", "maximum", "default"] {
            let pointer = format!("/{at}/NumberSchema/properties/{member}/type");
            if let Some(kind) = document.pointer_mut(&pointer) {
                *kind = "number".into();
            }
        }
    }
}
