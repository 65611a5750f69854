//! What a component's author says of its functions and types: the custom
//! section `package-docs`, as WIT's own tools write it. It speaks of one
//! package, and does not say of which, so it is looked up by an interface's
//! bare name.

use std::collections::HashSet;

use serde_json::Value;
use wasmparser::{Parser, Payload};

use crate::component::ComponentError;

const SECTION: &str = "package-docs";

/// Largest section. Answers "comments larger than the listing they are for".
const MAX_BYTES: usize = 4 << 20;

/// Formats of the section: its first byte.
const FORMATS: [u8; 2] = [0, 1];

/// A section that is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocsError {
    #[error("its section {SECTION} stands twice, and may speak of either")]
    Twice,
    #[error("its section {SECTION} has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("its section {SECTION} is of a format that this version does not read")]
    Format,
    #[error("its section {SECTION} is not JSON: {0}")]
    Json(String),
}

/// What is said.
#[derive(Debug, Default)]
pub(super) struct Docs {
    said: Value,
    /// Interfaces of one name that the component exports more than once.
    ambiguous: HashSet<Box<str>>,
}

impl Docs {
    /// Reads the section of `component`, if it has one. `interfaces` are what it exports.
    pub(super) fn read(component: &[u8], interfaces: &[String]) -> Result<Result<Self, DocsError>, ComponentError> {
        let (mut depth, mut found, mut twice) = (0_usize, None, false);
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                    twice |= found.replace(section.data()).is_some();
                }
                _ => {}
            }
        }
        if twice {
            return Ok(Err(DocsError::Twice));
        }
        let mut seen = HashSet::new();
        let again = interfaces.iter().map(|name| bare(name)).filter(|name| !seen.insert(*name)).map(Into::into);
        let ambiguous = again.collect();
        Ok(found.map_or(Ok(Value::Null), parse).map(|said| Self { said, ambiguous }))
    }

    /// What is said of a function.
    pub(super) fn function(&self, interface: Option<&str>, function: &str) -> Option<Box<str>> {
        let said = match interface {
            Some(interface) => self.interface(interface)?.get("funcs")?.get(function)?,
            None => self.in_world(&["func_exports", "funcs"], function)?,
        };
        said.as_str().or_else(|| said.get("docs")?.as_str()).and_then(tidied)
    }

    /// What is said of a member of a type.
    pub(super) fn member(&self, interface: &str, of: &str, member: &str) -> Option<Box<str>> {
        let of = match interface {
            "" => self.in_world(&["types"], of)?,
            interface => self.interface(interface)?.get("types")?.get(of)?,
        };
        of.get("items")?.get(member)?.as_str().and_then(tidied)
    }

    fn interface(&self, interface: &str) -> Option<&Value> {
        let name = bare(interface);
        if self.ambiguous.contains(name) {
            return None;
        }
        if name == interface {
            return self.in_world(&["interface_exports", "interfaces"], name);
        }
        self.said.get("interfaces")?.get(name)
    }

    /// What the one world says that speaks of `name`.
    fn in_world(&self, parts: &[&str], name: &str) -> Option<&Value> {
        let worlds = self.said.get("worlds")?.as_object()?;
        let mut said = worlds.values().filter_map(|world| parts.iter().find_map(|part| world.get(part)?.get(name)));
        let first = said.next()?;
        said.next().is_none().then_some(first)
    }
}

fn parse(data: &[u8]) -> Result<Value, DocsError> {
    if data.len() > MAX_BYTES {
        return Err(DocsError::TooLarge);
    }
    match data.split_first() {
        Some((format, json)) if FORMATS.contains(format) => {
            serde_json::from_slice(json).map_err(|error| DocsError::Json(error.to_string()))
        }
        _ => Err(DocsError::Format),
    }
}

/// An interface's name without package and version.
fn bare(interface: &str) -> &str {
    let path = interface.split('@').next().unwrap_or(interface);
    path.rsplit(['/', ':']).next().unwrap_or(path)
}

/// With the line ends of this house, and nothing around it; none, if nothing is left.
fn tidied(text: &str) -> Option<Box<str>> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}
