//! The macros of `bulkhead-sdk`, where they are documented with examples that
//! run.

mod complete;
mod derive;
mod item;
mod options;
mod plugin;
mod prompt;
mod resource;
mod signature;
#[cfg(feature = "skills")]
mod skills;
mod tool;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a tool of a function.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    item::expand(options.into(), item.into(), tool::expand).into()
}

/// Makes a prompt of a function.
#[proc_macro_attribute]
pub fn prompt(options: TokenStream, item: TokenStream) -> TokenStream {
    item::expand(options.into(), item.into(), prompt::expand).into()
}

/// Makes a resource of a function that reads it.
#[proc_macro_attribute]
pub fn resource(options: TokenStream, item: TokenStream) -> TokenStream {
    item::expand(options.into(), item.into(), resource::expand_resource).into()
}

/// Makes a family of resources of a function that reads one.
#[proc_macro_attribute]
pub fn template(options: TokenStream, item: TokenStream) -> TokenStream {
    item::expand(options.into(), item.into(), resource::expand_template).into()
}

/// Makes suggestions for one argument of a prompt or one variable of a
/// template.
#[proc_macro_attribute]
pub fn completion(options: TokenStream, item: TokenStream) -> TokenStream {
    item::expand(options.into(), item.into(), complete::expand).into()
}

/// Says what the plugin offers, and makes the component's exports.
#[proc_macro]
pub fn plugin(input: TokenStream) -> TokenStream {
    plugin::expand(parse_macro_input!(input as plugin::Declaration)).into()
}

/// `serde::Deserialize`, found through the SDK.
#[proc_macro_derive(Deserialize, attributes(serde))]
pub fn deserialize(item: TokenStream) -> TokenStream {
    derive::deserialize(parse_macro_input!(item as DeriveInput)).into()
}

/// `serde::Serialize`, found through the SDK.
#[proc_macro_derive(Serialize, attributes(serde))]
pub fn serialize(item: TokenStream) -> TokenStream {
    derive::serialize(parse_macro_input!(item as DeriveInput)).into()
}

/// `schemars::JsonSchema`, found through the SDK.
#[proc_macro_derive(JsonSchema, attributes(schemars, serde, validate, garde))]
pub fn json_schema(item: TokenStream) -> TokenStream {
    derive::json_schema(parse_macro_input!(item as DeriveInput)).into()
}
