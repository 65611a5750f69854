//! What a component imports and exports by name. Reads, runs nothing.

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Parser, Payload};

/// The start of the names of the interfaces that plugins export.
const PACKAGE: &str = "bulkhead:plugin/";

/// A component that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("not a component that can be read: {problem} at offset {offset}; check it with `wasm-tools validate`")]
pub struct ComponentError {
    problem: String,
    offset: usize,
}

impl From<wasmparser::BinaryReaderError> for ComponentError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        let problem = error.message().lines().next().unwrap_or_default().to_owned();
        Self { problem, offset: error.offset() }
    }
}

impl ComponentError {
    /// Of bytes in which no component ends.
    pub(crate) fn ends() -> Self {
        Self { problem: "it has no end".to_owned(), offset: 0 }
    }
}

/// A component's outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// Names of imports, in order.
    pub imports: Vec<String>,
    /// Names of exports, in order: interfaces such as
    /// `bulkhead:plugin/tools@0.1.0`, and functions.
    pub exports: Vec<String>,
    /// Those of the exports that are functions.
    pub functions: Vec<String>,
}

impl Surface {
    /// Whether the component exports `interface` (`tools`, `contract`, …) of
    /// the package `bulkhead:plugin`, in any version.
    #[must_use]
    pub fn exports_interface(&self, interface: &str) -> bool {
        self.exports.iter().filter_map(|name| split(name)).any(|(found, _)| found == interface)
    }

    /// The version of the package `bulkhead:plugin` that the component was
    /// built against; nothing if it knows nothing of Bulkhead.
    #[must_use]
    pub fn wit_version(&self) -> Option<&str> {
        self.exports.iter().chain(&self.imports).find_map(|name| split(name).map(|(_, version)| version))
    }

    /// Whether the component has an export of the package `bulkhead:plugin`.
    #[must_use]
    pub fn knows_bulkhead(&self) -> bool {
        self.exports.iter().any(|name| split(name).is_some())
    }
}

/// Interface and version of a name in our package.
fn split(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(PACKAGE)?.split_once('@')
}

/// The names that `component` imports and exports.
///
/// # Errors
/// The bytes are no component.
pub fn surface(component: &[u8]) -> Result<Surface, ComponentError> {
    let mut surface = Surface::default();
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import?;
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        surface.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let export = export?;
                    surface.exports.push(export.name.name.to_owned());
                    if export.kind == ComponentExternalKind::Func {
                        surface.functions.push(export.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(surface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outermost_names_are_seen() {
        let bytes = wat::parse_str(
            r#"(component
                (import "bulkhead:plugin/host@0.1.0" (instance))
                (component (import "hidden" (func)))
                (core module (func (export "inner")))
                (instance $i)
                (export "bulkhead:plugin/tools@0.1.0" (instance $i)))"#,
        )
        .unwrap();
        let surface = surface(&bytes).unwrap();
        assert_eq!(surface.imports, ["bulkhead:plugin/host@0.1.0"]);
        assert_eq!(surface.exports, ["bulkhead:plugin/tools@0.1.0"]);
        assert!(surface.exports_interface("tools") && !surface.exports_interface("contract"));
        assert_eq!(surface.wit_version(), Some("0.1.0"));
    }

    #[test]
    fn broken_bytes_are_an_error() {
        assert!(surface(b"\0asm\x0d\0\x01\0\x0b\xff").is_err());
    }
}
