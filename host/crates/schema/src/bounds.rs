//! The host's own bounds, where the schema has none.
//!
//! They are looked for only when a value exceeds them, so that an ordinary
//! call pays for a walk over its own arguments and nothing else.

use serde_json::Value;

use super::{
    graph::{Graph, Id},
    violation::{Pointer, Violation},
};

/// Longest string for which no schema says `maxLength`, in bytes of UTF-8.
/// Answers "a few megabytes into a field meant for a city's name".
pub const MAX_STRING_BYTES: usize = 256 << 10;

/// Most items of an array for which no schema says `maxItems`.
pub const MAX_ARRAY_ITEMS: usize = 10_000;

/// Checks every string and array of `value`.
pub(super) fn check(graph: &Graph, value: &Value) -> Result<(), Violation> {
    if holds_excess(value) { descend(graph, vec![0], value, &Pointer::Root) } else { Ok(()) }
}

/// Whether `value` or anything in it is larger than the host's bounds.
fn holds_excess(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() > MAX_STRING_BYTES,
        Value::Array(items) => items.len() > MAX_ARRAY_ITEMS || items.iter().any(holds_excess),
        Value::Object(members) => members.values().any(holds_excess),
        _ => false,
    }
}

/// Walks the schema beside the value, towards what exceeds.
fn descend(graph: &Graph, ids: Vec<Id>, value: &Value, at: &Pointer<'_>) -> Result<(), Violation> {
    let parts = graph.closure(ids);
    match value {
        Value::String(text) if text.len() > MAX_STRING_BYTES && !parts.iter().any(|part| part.bounds_strings) => {
            Err(Violation::at(at, format!("expected a string of at most {MAX_STRING_BYTES} bytes")))
        }
        Value::Array(items) => {
            if items.len() > MAX_ARRAY_ITEMS && !parts.iter().any(|part| part.bounds_arrays) {
                return Err(Violation::at(at, format!("expected an array of at most {MAX_ARRAY_ITEMS} items")));
            }
            items.iter().enumerate().filter(|(_, item)| holds_excess(item)).try_for_each(|(position, item)| {
                let below = parts.iter().flat_map(|part| part.item(position)).collect();
                descend(graph, below, item, &Pointer::Item(at, position))
            })
        }
        Value::Object(members) => {
            members.iter().filter(|(_, member)| holds_excess(member)).try_for_each(|(key, member)| {
                let below = parts.iter().flat_map(|part| part.property(key)).collect();
                descend(graph, below, member, &Pointer::Member(at, key))
            })
        }
        _ => Ok(()),
    }
}
