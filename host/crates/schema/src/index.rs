//! Where a schema's references lead: its resources, anchors and pointers.

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use super::SchemaError;

/// The base of a schema without `$id`.
const NAMELESS: &str = "schema:///";

/// Every place of a schema document that a reference can name.
pub(super) struct Index<'a> {
    /// Resources by their URI without fragment.
    resources: HashMap<String, &'a Value>,
    /// `URI#anchor`.
    anchors: HashMap<String, &'a Value>,
    /// Every `$dynamicAnchor`, by name alone.
    dynamic: HashMap<&'a str, Vec<&'a Value>>,
    /// The resource that an object stands in, by the object's address.
    bases: HashMap<*const Value, Url>,
}

impl<'a> Index<'a> {
    pub(super) fn of(root: &'a Value) -> Result<Self, SchemaError> {
        let mut index =
            Self { resources: HashMap::new(), anchors: HashMap::new(), dynamic: HashMap::new(), bases: HashMap::new() };
        let base = Url::parse(NAMELESS).map_err(|_| SchemaError::NotASchema)?;
        index.resources.insert(base.to_string(), root);
        index.scan(root, &base)?;
        Ok(index)
    }

    fn scan(&mut self, value: &'a Value, base: &Url) -> Result<(), SchemaError> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.scan(item, base)),
            Value::Object(members) => {
                let text = |key: &str| members.get(key).and_then(Value::as_str);
                let base = match text("$id") {
                    Some(id) => self.name(value, base, id)?,
                    None => base.clone(),
                };
                for anchor in [text("$anchor"), text("$dynamicAnchor")].into_iter().flatten() {
                    self.anchor(value, &base, anchor)?;
                }
                if let Some(name) = text("$dynamicAnchor") {
                    self.dynamic.entry(name).or_default().push(value);
                }
                for member in members.values() {
                    self.scan(member, &base)?;
                }
                self.bases.insert(std::ptr::from_ref(value), base);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Enters an `$id`; older drafts write anchors as `"$id": "#name"`.
    fn name(&mut self, value: &'a Value, base: &Url, id: &str) -> Result<Url, SchemaError> {
        if let Some(anchor) = id.strip_prefix('#') {
            self.anchor(value, base, anchor)?;
            return Ok(base.clone());
        }
        let mut uri = base.join(id).map_err(|_| SchemaError::Unresolved(id.to_owned()))?;
        uri.set_fragment(None);
        match self.resources.insert(uri.to_string(), value) {
            Some(_) => Err(SchemaError::Ambiguous(id.to_owned())),
            None => Ok(uri),
        }
    }

    fn anchor(&mut self, value: &'a Value, base: &Url, anchor: &str) -> Result<(), SchemaError> {
        match self.anchors.insert(format!("{base}#{anchor}"), value) {
            Some(earlier) if !std::ptr::eq(earlier, value) => Err(SchemaError::Ambiguous(anchor.to_owned())),
            _ => Ok(()),
        }
    }

    /// What `reference`, written inside `place`, leads to.
    pub(super) fn resolve(&self, place: &Value, reference: &str) -> Result<&'a Value, SchemaError> {
        let nowhere = || SchemaError::Unresolved(reference.to_owned());
        let base = self.bases.get(&std::ptr::from_ref(place)).ok_or_else(nowhere)?;
        let mut uri = base.join(reference).map_err(|_| nowhere())?;
        let fragment = uri.fragment().map(percent_decoded).unwrap_or_default();
        uri.set_fragment(None);
        let resource = self.resources.get(uri.as_str()).ok_or_else(nowhere)?;
        if fragment.is_empty() {
            return Ok(resource);
        }
        let found = match fragment.starts_with('/') {
            true => resource.pointer(&fragment),
            false => self.anchors.get(&format!("{uri}#{fragment}")).copied(),
        };
        found.ok_or_else(nowhere)
    }

    /// Everything that a `$dynamicRef` may lead to, depending on the caller.
    pub(super) fn dynamic(&self, reference: &str) -> impl Iterator<Item = &'a Value> {
        let name = reference.rsplit_once('#').map_or("", |(_, name)| name);
        self.dynamic.get(name).into_iter().flatten().copied()
    }

    /// Every resource, which is what a `$recursiveRef` may lead to.
    pub(super) fn resources(&self) -> impl Iterator<Item = &'a Value> {
        self.resources.values().copied()
    }
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
