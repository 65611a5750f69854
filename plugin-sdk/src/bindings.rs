//! What `wit/` generates. One module for the types and imports that every
//! world shares, and one for each interface that a plugin may export, so that
//! a component exports what it uses and nothing else.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    reason = "generated code; the canonical ABI is raw pointers"
)]

wit_bindgen::generate!({
    path: "../wit/0.1.0",
    world: "imports",
    generate_all,
    generate_unused_types: true,
    additional_derives: [Clone, PartialEq],
});

macro_rules! world {
    ($module:ident, $world:literal, $export:literal) => {
        pub mod $module {
            wit_bindgen::generate!({
                path: "../wit/0.1.0",
                world: $world,
                with: {
                    "bulkhead:plugin/types@0.1.0": crate::bindings::bulkhead::plugin::types,
                    "bulkhead:plugin/host@0.1.0": crate::bindings::bulkhead::plugin::host,
                    "wasi:config/store@0.2.0-rc.1": crate::bindings::wasi::config::store,
                    "wasi:keyvalue/store@0.2.0-draft": crate::bindings::wasi::keyvalue::store,
                    "wasi:keyvalue/atomics@0.2.0-draft": crate::bindings::wasi::keyvalue::atomics,
                },
                additional_derives: [Clone, PartialEq],
                pub_export_macro: true,
                export_macro_name: $export,
            });
        }
    };
}

world!(tools, "with-tools", "export_tools");
world!(resources, "with-resources", "export_resources");
world!(prompts, "with-prompts", "export_prompts");
world!(completions, "with-completions", "export_completions");

pub mod contract {
    wit_bindgen::generate!({
        path: "../wit/0.1.0",
        world: "with-contract",
        pub_export_macro: true,
        export_macro_name: "export_contract",
    });
}
