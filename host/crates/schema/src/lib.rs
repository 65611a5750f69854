//! JSON Schema: arguments and structured answers against the schemas of the
//! contract, forms against what they ask.
//!
//! A schema comes from a stranger and is evaluated on the host's own threads,
//! so what it may cost is settled before it is compiled: no remote reference,
//! linear-time patterns only, bounded size, depth and unfolding.
//!
//! **Invariant:** the listing shows the author's schema, never a rewritten
//! one. The host's bounds are applied beside it. **Absent:** what a schema is of.
//!
//! A room of its own also because the library that evaluates is generic: every
//! crate that names it compiles all of it.

mod bounds;
mod cost;
mod form;
mod graph;
mod index;
mod strict;
mod violation;

use bulkhead_base::undefended::{Defence, switched_off};
use jsonschema::PatternOptions;
use serde_json::Value;

use self::graph::Graph;

pub use self::bounds::{MAX_ARRAY_ITEMS, MAX_STRING_BYTES};
pub use self::form::{Format, Plain};
pub use self::violation::{Violation, Violations};

/// Largest schema as JSON text. Answers "a schema that takes minutes to compile".
const MAX_SCHEMA_BYTES: usize = 256 << 10;

/// Deepest nesting of a schema's JSON, as everywhere else in the house.
const MAX_SCHEMA_DEPTH: usize = 64;

/// Largest compiled pattern, and largest cache of one. Answers "`a{1000}{1000}`".
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// The dialects that are understood, without their `#`.
const DIALECTS: [&str; 4] = [
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
];

/// Which bounds hold where the schema has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// The host's: [`MAX_STRING_BYTES`] and [`MAX_ARRAY_ITEMS`]. For arguments.
    Host,
    /// None: a plugin's answer has a limit of its own.
    Schema,
}

/// Why a schema refuses its plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("the schema is larger than {MAX_SCHEMA_BYTES} bytes")]
    TooLarge,
    #[error("the schema nests deeper than {MAX_SCHEMA_DEPTH}")]
    TooDeep,
    #[error("the schema is neither an object nor a boolean")]
    NotASchema,
    #[error("the schema's dialect {found:?} is not supported; supported are {}", DIALECTS.join(", "))]
    Dialect { found: String },
    #[error(
        "{0:?} does not lead anywhere inside the schema; references to other documents are never fetched, so put it under $defs"
    )]
    Unresolved(String),
    #[error("{0:?} is defined twice in the schema")]
    Ambiguous(String),
    #[error("the schema refers to itself without descending into the value, so checking would never end")]
    Endless,
    #[error("the schema's references chain through more than {} parts", cost::MAX_CHAIN)]
    LongChain,
    #[error("the schema unfolds into more than {} parts", cost::MAX_UNFOLDED)]
    Unfolds,
    #[error("the schema is not valid at {pointer:?}: {message}")]
    Invalid { pointer: String, message: String },
}

/// A compiled schema.
pub struct Validator {
    compiled: jsonschema::Validator,
    graph: Graph,
    bounds: Bounds,
    /// What a check costs depends on the value, so it is counted first.
    counted: bool,
}

impl Validator {
    /// Compiles `schema`, JSON text.
    ///
    /// # Errors
    /// [`SchemaError`]: it is no schema, or one that the host will not run.
    pub fn compile(schema: &str, bounds: Bounds) -> Result<Self, SchemaError> {
        if schema.len() > MAX_SCHEMA_BYTES {
            return Err(SchemaError::TooLarge);
        }
        let schema: Value = serde_json::from_str(schema)
            .map_err(|error| SchemaError::Invalid { pointer: String::new(), message: error.to_string() })?;
        if !(schema.is_object() || schema.is_boolean()) {
            return Err(SchemaError::NotASchema);
        }
        if nests_deeper(&schema, MAX_SCHEMA_DEPTH) {
            return Err(SchemaError::TooDeep);
        }
        dialect(&schema)?;
        let graph = Graph::of(&schema)?;
        let counted = cost::settle(&graph)?;
        Ok(Self { compiled: build(&schema)?, graph, bounds, counted })
    }

    /// Checks JSON text. Keys that stand twice are a violation: the plugin's
    /// parser might take the other one.
    ///
    /// # Errors
    /// Everything that does not fit, up to a small number.
    pub fn check_text(&self, text: &str) -> Result<(), Violations> {
        let value = strict::parse(text).map_err(Violations::from)?;
        self.check(&value)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// Everything that does not fit, up to a small number.
    pub fn check(&self, value: &Value) -> Result<(), Violations> {
        if self.counted {
            cost::count(&self.graph, value).map_err(Violations::from)?;
        }
        if self.bounds == Bounds::Host {
            bounds::check(&self.graph, value).map_err(Violations::from)?;
        }
        if self.compiled.is_valid(value) {
            return Ok(());
        }
        Err(Violations::of(self.compiled.iter_errors(value)))
    }
}

fn nests_deeper(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| nests_deeper(item, below)),
        Value::Object(members) => members.values().any(|member| nests_deeper(member, below)),
        _ => false,
    }
}

fn dialect(schema: &Value) -> Result<(), SchemaError> {
    let Some(named) = schema.get("$schema") else { return Ok(()) };
    let named = named.as_str().unwrap_or_default();
    if DIALECTS.contains(&named.trim_end_matches('#')) {
        return Ok(());
    }
    Err(SchemaError::Dialect { found: named.chars().take(200).collect() })
}

fn build(schema: &Value) -> Result<jsonschema::Validator, SchemaError> {
    let patterns = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
    let options = jsonschema::options().offline();
    let options = if switched_off(Defence::Patterns) { options } else { options.with_pattern_options(patterns) };
    options.build(schema).map_err(|error| {
        let message = violation::expected(error.kind());
        SchemaError::Invalid { pointer: error.instance_path().as_str().to_owned(), message }
    })
}

#[cfg(test)]
mod tests;
