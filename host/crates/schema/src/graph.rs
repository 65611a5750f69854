//! A schema as a graph: which part leads to which, and how.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{SchemaError, index::Index};

/// The number of a part in its [`Graph`].
pub(super) type Id = usize;

/// One subschema.
#[derive(Default)]
pub(super) struct Part {
    pub(super) bounds_strings: bool,
    pub(super) bounds_arrays: bool,
    /// Parts that look at the same value and that it must fit.
    pub(super) in_place: Vec<Id>,
    /// Parts that look at the same value only to decide something.
    pub(super) probes: Vec<Id>,
    pub(super) properties: HashMap<Box<str>, Id>,
    pub(super) any_property: Vec<Id>,
    /// Parts that look at the names of properties.
    pub(super) names: Vec<Id>,
    pub(super) prefix: Vec<Id>,
    pub(super) any_item: Vec<Id>,
    /// Parts that look at items only to decide something.
    pub(super) item_probes: Vec<Id>,
}

impl Part {
    /// Parts that look at the value that this part looks at.
    pub(super) fn same_value(&self) -> impl Iterator<Item = Id> {
        self.in_place.iter().chain(&self.probes).copied()
    }

    /// Every part that this one leads to.
    pub(super) fn all(&self) -> impl Iterator<Item = Id> {
        let below = [&self.any_property, &self.names, &self.prefix, &self.any_item, &self.item_probes];
        self.same_value().chain(self.properties.values().copied()).chain(below.into_iter().flatten().copied())
    }

    /// The parts that the value under `key` has to fit.
    pub(super) fn property(&self, key: &str) -> impl Iterator<Item = Id> {
        self.properties.get(key).into_iter().chain(&self.any_property).copied()
    }

    /// The parts that the item at `position` has to fit.
    pub(super) fn item(&self, position: usize) -> impl Iterator<Item = Id> {
        self.prefix.get(position).into_iter().chain(&self.any_item).copied()
    }
}

/// All parts; the first is the whole schema.
pub(super) struct Graph {
    pub(super) parts: Vec<Part>,
}

impl Graph {
    pub(super) fn of(schema: &Value) -> Result<Self, SchemaError> {
        let mut builder = Builder { index: Index::of(schema)?, ids: HashMap::new(), pending: Vec::new(), known: 0 };
        builder.id(schema);
        let mut parts = Vec::new();
        while let Some((id, value)) = builder.pending.pop() {
            let part = builder.part(value)?;
            if parts.len() <= id {
                parts.resize_with(id + 1, Part::default);
            }
            if let Some(place) = parts.get_mut(id) {
                *place = part;
            }
        }
        Ok(Self { parts })
    }

    /// Every part that a value must fit which fits `from`: `from` and what it
    /// applies in place.
    pub(super) fn closure(&self, from: impl IntoIterator<Item = Id>) -> Vec<&Part> {
        let mut seen = vec![false; self.parts.len()];
        let mut pending: Vec<Id> = from.into_iter().collect();
        let mut found = Vec::new();
        while let Some(id) = pending.pop() {
            let Some(part) = self.parts.get(id) else { continue };
            if seen.get_mut(id).is_some_and(|seen| !std::mem::replace(seen, true)) {
                pending.extend(&part.in_place);
                found.push(part);
            }
        }
        found
    }
}

struct Builder<'a> {
    index: Index<'a>,
    ids: HashMap<*const Value, Id>,
    pending: Vec<(Id, &'a Value)>,
    known: Id,
}

impl<'a> Builder<'a> {
    fn id(&mut self, value: &'a Value) -> Id {
        let (known, pending) = (&mut self.known, &mut self.pending);
        *self.ids.entry(std::ptr::from_ref(value)).or_insert_with(|| {
            let id = *known;
            *known += 1;
            pending.push((id, value));
            id
        })
    }

    fn part(&mut self, value: &'a Value) -> Result<Part, SchemaError> {
        let Value::Object(keys) = value else { return Ok(Part::default()) };
        let says = |names: &[&str]| names.iter().any(|name| keys.contains_key(*name));
        let mut part = Part {
            bounds_strings: says(&["maxLength", "enum", "const"]),
            bounds_arrays: says(&["maxItems", "enum", "const"]),
            in_place: self
                .parts(keys, &["allOf", "anyOf", "oneOf", "then", "else", "dependentSchemas", "dependencies"]),
            probes: self.parts(keys, &["not", "if"]),
            any_property: self.parts(keys, &["patternProperties", "additionalProperties", "unevaluatedProperties"]),
            names: self.parts(keys, &["propertyNames"]),
            prefix: self.parts(keys, &["prefixItems"]),
            any_item: self.parts(keys, &["additionalItems", "unevaluatedItems"]),
            item_probes: self.parts(keys, &["contains"]),
            properties: HashMap::new(),
        };
        for (name, schema) in keys.get("properties").and_then(Value::as_object).into_iter().flatten() {
            part.properties.insert(name.as_str().into(), self.id(schema));
        }
        match keys.get("items") {
            Some(Value::Array(items)) => part.prefix.extend(items.iter().map(|item| self.id(item))),
            Some(items) => part.any_item.push(self.id(items)),
            None => {}
        }
        part.in_place.extend(self.references(value, keys)?);
        Ok(part)
    }

    /// The schemas under `names`, each of which holds one, a list or a map of them.
    fn parts(&mut self, keys: &'a Map<String, Value>, names: &[&str]) -> Vec<Id> {
        let mut found = Vec::new();
        for name in names {
            let several = matches!(*name, "dependentSchemas" | "dependencies" | "patternProperties");
            match keys.get(*name) {
                Some(Value::Array(schemas)) => found.extend(schemas.iter().map(|schema| self.id(schema))),
                Some(Value::Object(schemas)) if several => {
                    let schemas = schemas.values().filter(|schema| !schema.is_array());
                    found.extend(schemas.map(|schema| self.id(schema)));
                }
                Some(schema) => found.push(self.id(schema)),
                None => {}
            }
        }
        found
    }

    fn references(&mut self, place: &'a Value, keys: &'a Map<String, Value>) -> Result<Vec<Id>, SchemaError> {
        let text = |key: &str| keys.get(key).and_then(Value::as_str);
        let mut targets = Vec::new();
        if let Some(reference) = text("$ref") {
            targets.push(self.index.resolve(place, reference)?);
        }
        if let Some(reference) = text("$dynamicRef") {
            targets.push(self.index.resolve(place, reference)?);
            targets.extend(self.index.dynamic(reference));
        }
        if text("$recursiveRef").is_some() {
            targets.extend(self.index.resources());
        }
        let mut ids: Vec<Id> = targets.into_iter().map(|target| self.id(target)).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}
