//! What did not fit, in words that a model can act on.
//!
//! **Absent on purpose:** the offending value. It may be large, or secret, and
//! whoever sent it has it.

use std::fmt;

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

/// Most violations that are told of one value.
const MAX_TOLD: usize = 8;

/// Longest piece of a schema that is repeated in a violation.
const MAX_QUOTED: usize = 300;

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) to the place; empty for the whole value.
    pub pointer: String,
    /// What was expected there.
    pub expected: String,
}

/// Everything that does not fit, up to a small number; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Violations(pub Vec<Violation>);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "(root)" } else { &self.pointer };
        write!(f, "{place}: {}", self.expected)
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl Violation {
    pub(super) fn at(place: &Pointer<'_>, expected: impl Into<String>) -> Self {
        Self { pointer: place.to_string(), expected: expected.into() }
    }

    fn of(error: &ValidationError<'_>) -> Self {
        let mut pointer = error.instance_path().as_str().to_owned();
        if let ValidationErrorKind::Required { property: Value::String(name) } = error.kind() {
            pointer.push('/');
            pointer.push_str(&escaped(&shortened(name)));
        }
        Self { pointer, expected: expected(error.kind()) }
    }
}

impl Violations {
    pub(super) fn of<'a>(errors: impl Iterator<Item = ValidationError<'a>>) -> Self {
        let mut told: Vec<Violation> = Vec::new();
        for error in errors {
            let violation = Violation::of(&error);
            if !told.contains(&violation) {
                told.push(violation);
            }
            if told.len() == MAX_TOLD {
                break;
            }
        }
        Self(told)
    }
}

/// A place in a value, built on the way down without allocating.
pub(super) enum Pointer<'a> {
    Root,
    Member(&'a Pointer<'a>, &'a str),
    Item(&'a Pointer<'a>, usize),
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(above, key) => write!(f, "{above}/{}", escaped(key)),
            Self::Item(above, position) => write!(f, "{above}/{position}"),
        }
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn quoted(value: &Value) -> String {
    shortened(&value.to_string())
}

/// What the author of a schema wrote, as far as it is repeated to a client.
fn shortened(text: &str) -> String {
    if text.len() <= MAX_QUOTED {
        return text.to_owned();
    }
    text.chars().take(MAX_QUOTED).chain("…".chars()).collect()
}

fn listed(names: &[String]) -> String {
    names.iter().take(MAX_TOLD).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// What a keyword asks for.
pub(super) fn expected(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Required { property } => format!("the property {} is required", quoted(property)),
        Kind::Type { kind: TypeKind::Single(one) } => format!("expected {one}"),
        Kind::Type { kind: TypeKind::Multiple(several) } => {
            let names: Vec<_> = several.iter().map(|name| name.to_string()).collect();
            format!("expected one of {}", names.join(", "))
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("no property {} is expected", listed(unexpected))
        }
        Kind::Enum { options } => format!("expected one of {}", quoted(options)),
        Kind::Constant { expected_value } => format!("expected {}", quoted(expected_value)),
        Kind::Pattern { pattern } => format!("expected a string that matches {:?}", shortened(pattern)),
        Kind::Format { format } => format!("expected a string in the format {:?}", shortened(format)),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => alternatives(context),
        Kind::OneOfMultipleValid { .. } => {
            "expected to fit exactly one of the alternatives, and fits several".to_owned()
        }
        Kind::PropertyNames { error } => format!("the name of a property does not fit: {}", expected(error.kind())),
        Kind::FalseSchema => "nothing is allowed here".to_owned(),
        Kind::UniqueItems => "expected items that differ from one another".to_owned(),
        Kind::Contains => "expected an array with an item of the kind the schema names".to_owned(),
        Kind::Not { schema } => format!("expected anything but {}", quoted(schema)),
        Kind::Referencing(error) => error.to_string(),
        other => limit(other),
    }
}

fn limit(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::MaxLength { limit } => format!("expected a string of at most {limit} characters"),
        Kind::MinLength { limit } => format!("expected a string of at least {limit} characters"),
        Kind::MaxItems { limit } => format!("expected an array of at most {limit} items"),
        Kind::AdditionalItems { limit } => format!("expected an array of at most {limit} items"),
        Kind::MinItems { limit } => format!("expected an array of at least {limit} items"),
        Kind::MaxProperties { limit } => format!("expected an object of at most {limit} properties"),
        Kind::MinProperties { limit } => format!("expected an object of at least {limit} properties"),
        Kind::Maximum { limit } => format!("expected a number of at most {limit}"),
        Kind::Minimum { limit } => format!("expected a number of at least {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("expected a number below {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("expected a number above {limit}"),
        Kind::MultipleOf { multiple_of } => format!("expected a multiple of {multiple_of}"),
        other => format!("the value does not fit {:?}", other.keyword()),
    }
}

/// Which alternatives there are; each is told by the first thing that is wrong with it.
fn alternatives(context: &[Vec<ValidationError<'static>>]) -> String {
    let told: Vec<String> = context
        .iter()
        .take(MAX_TOLD)
        .filter_map(|errors| errors.first())
        .map(|error| match error.instance_path().as_str() {
            "" => expected(error.kind()),
            place => format!("{} at {place}", expected(error.kind())),
        })
        .collect();
    format!("fits none of the alternatives ({})", told.join(" | "))
}
