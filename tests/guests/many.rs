//! More tools than fit on one page.

use bulkhead_sdk::contract::{Annotations, Contract, Tool};
use bulkhead_sdk::prelude::*;
use bulkhead_sdk::serde_json::value::RawValue;

/// Three hundred of them.
struct Plugin;

impl bulkhead_sdk::Plugin for Plugin {
    fn contract() -> Contract {
        let tool = |number: usize| Tool {
            name: Box::leak(format!("tool-{number:03}").into_boxed_str()),
            title: None,
            description: "One of many",
            input_schema: RawValue::from_string(r#"{"type":"object"}"#.to_owned()).unwrap_or_default(),
            output_schema: None,
            annotations: Annotations::default(),
            icons: Vec::new(),
            meta: None,
            execution: None,
            single_use: false,
            required_capabilities: Vec::new(),
        };
        Contract { tools: (0..300).map(tool).collect(), ..Contract::default() }
    }

    fn call_tool(_ctx: &Context, name: &str, _arguments: &str) -> Result<ToolResult> {
        Ok(ToolResult::text(name))
    }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "the canonical ABI's exports are raw functions")]
const _: () = {
    use bulkhead_sdk::__private::bindings;
    bindings::tools::export_tools!(Plugin with_types_in bindings::tools);
    bindings::contract::export_contract!(Plugin with_types_in bindings::contract);
};
