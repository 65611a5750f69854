//! What the WIT package is in Rust, generated.
//!
//! **Invariant:** the world that a serving host sees has no `contract`, so no
//! code here can call it; [`contract`] belongs to `describe` alone.

#![allow(clippy::all, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../../../wit/0.1.0",
    inline: "
        package bulkhead:serving;
        world hosted {
            include bulkhead:plugin/imports@0.1.0;
            export bulkhead:plugin/tools@0.1.0;
            export bulkhead:plugin/resources@0.1.0;
            export bulkhead:plugin/prompts@0.1.0;
            export bulkhead:plugin/completions@0.1.0;
        }
    ",
    world: "bulkhead:serving/hosted",
    imports: {
        "wasi:keyvalue/store.[method]bucket.get": async | trappable,
        "wasi:keyvalue/store.[method]bucket.set": async | trappable,
        "wasi:keyvalue/store.[method]bucket.delete": async | trappable,
        "wasi:keyvalue/store.[method]bucket.exists": async | trappable,
        "wasi:keyvalue/store.[method]bucket.list-keys": async | trappable,
        "wasi:keyvalue/atomics.increment": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: { "wasi:keyvalue/store.bucket": crate::capability::kv::Bucket },
    require_store_data_send: true,
});

/// The one export that is called while packing.
pub(crate) mod contract {
    wasmtime::component::bindgen!({
        path: "../../../wit/0.1.0",
        world: "with-contract",
    });
}
