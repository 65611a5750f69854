//! What a component may import.
//!
//! **Invariant:** this list and the linker are the same; a test holds them
//! together.

use wasmtime::component::{Component, types::ComponentItem};

use crate::CompileError;

/// Version of our own package.
pub(crate) const PACKAGE_VERSION: &str = "0.1.0";

/// The interfaces of WASI 0.2 that are linked; any patch of 0.2 will do.
const WASI_0_2: &[&str] = &[
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/wall-clock",
    "wasi:clocks/monotonic-clock",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "wasi:http/types",
    "wasi:http/outgoing-handler",
];

/// Interfaces whose version has to be exactly this one, or none.
const EXACT: &[&str] = &[
    "wasi:logging/logging",
    "wasi:logging/logging@0.1.0-draft",
    "wasi:config/store@0.2.0-rc.1",
    "wasi:keyvalue/store@0.2.0-draft",
    "wasi:keyvalue/atomics@0.2.0-draft",
    "bulkhead:plugin/types@0.1.0",
    "bulkhead:plugin/host@0.1.0",
];

/// The newest patch of 0.2 that is known.
const NEWEST_PATCH: u64 = 12;

/// Whether an import of this name can be given.
fn is_supported(name: &str) -> bool {
    if EXACT.contains(&name) {
        return true;
    }
    let Some((interface, version)) = name.split_once('@') else { return false };
    let patch = version.strip_prefix("0.2.").and_then(|patch| patch.parse::<u64>().ok());
    WASI_0_2.contains(&interface) && patch.is_some_and(|patch| patch <= NEWEST_PATCH)
}

/// Refuses a component that imports anything else.
pub(crate) fn check(component: &Component) -> Result<(), CompileError> {
    let ty = component.component_type();
    for (name, item) in ty.imports(component.engine()) {
        // Types alone are nothing that could be called.
        if !matches!(item.ty, ComponentItem::Type(_)) {
            known(name)?;
        }
    }
    Ok(())
}

/// Refuses an import of a name that is not known.
pub(crate) fn known(name: &str) -> Result<(), CompileError> {
    if is_supported(name) {
        return Ok(());
    }
    Err(CompileError::UnknownImport { name: name.to_owned(), supported: supported() })
}

/// The first of `imports` that nobody here is given, with everything that may
/// be imported, for people.
#[must_use]
pub fn unsupported(imports: &[String]) -> Option<CompileError> {
    let name = imports.iter().find(|name| !is_supported(name))?;
    Some(CompileError::UnknownImport { name: name.clone(), supported: supported() })
}

/// Everything that may be imported, for people.
pub(crate) fn supported() -> String {
    let wasi = WASI_0_2.iter().map(|name| format!("{name}@0.2"));
    let all: Vec<String> = wasi.chain(EXACT.iter().map(|name| (*name).to_owned())).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{linker, settings};

    #[test]
    fn patches_of_a_known_interface_are_supported_and_nothing_else_is() {
        for good in ["wasi:io/poll@0.2.0", "wasi:http/types@0.2.12", "bulkhead:plugin/host@0.1.0"] {
            assert!(is_supported(good), "{good}");
        }
        for bad in [
            "wasi:io/poll",
            "wasi:io/poll@0.2.13",
            "wasi:io/poll@0.3.0",
            "wasi:io/poll@0.2.0-rc.1",
            "wasi:nn/graph@0.2.0",
            "bulkhead:plugin/host@0.2.0",
            "bulkhead:plugin/contract@0.1.0",
            "host",
        ] {
            assert!(!is_supported(bad), "{bad}");
        }
    }

    #[test]
    fn the_linker_has_exactly_what_is_listed() {
        let engine = wasmtime::Engine::new(&settings::describing(wasmtime::Strategy::Cranelift)).unwrap();
        let mut linker = linker::link(&engine).unwrap();
        linker.allow_shadowing(false);
        let newest = WASI_0_2.iter().map(|name| format!("{name}@0.2.{NEWEST_PATCH}"));
        let exact = EXACT.iter().map(|name| (*name).to_owned());
        for name in newest.chain(exact).filter(|name| !name.contains("plugin/types")) {
            let import = format!(r#"(component (import "{name}" (instance)))"#);
            let component = Component::from_binary(&engine, &wat::parse_str(&import).unwrap()).unwrap();
            assert!(linker.instantiate_pre(&component).is_ok(), "{name} is listed and not linked");
        }
    }
}
