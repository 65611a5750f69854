//! A whole plugin, as `plugin!` makes it.

use crate::completion::{Completion, Filled, Reference};
use crate::context::Context;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::prompt::PromptResult;
use crate::resource::{Page, Reading, Resource, ResourceReading, Template};
use crate::tool::ToolResult;
use crate::types::Body;

/// What `plugin!` implements for the crate's `Plugin`. What a plugin does not
/// offer, it does not find.
pub trait Plugin {
    /// All that it offers.
    fn contract() -> Contract;

    /// Runs a tool.
    fn call_tool(_ctx: &Context, name: &str, _arguments: &str) -> Result<ToolResult> {
        Err(Error::not_found(format!("there is no tool \"{name}\"")))
    }

    /// Fills a prompt.
    fn get_prompt(_ctx: &Context, name: &str, _arguments: &[(String, String)]) -> Result<PromptResult> {
        Err(Error::not_found(format!("there is no prompt \"{name}\"")))
    }

    /// Lists dynamic resources.
    fn list_resources(_ctx: &Context, _cursor: Option<&str>) -> Result<Page> {
        Ok(Page::last([]))
    }

    /// Reads a resource.
    fn read_resource(_ctx: &Context, uri: &str) -> Result<ResourceReading> {
        Err(no_resource(uri))
    }

    /// Writes a resource and answers with its new etag.
    fn write_resource(_ctx: &Context, uri: &str, _contents: Body, _if_match: Option<&str>) -> Result<String> {
        Err(Error::denied(format!("{uri} cannot be written")))
    }

    /// Suggests values for an argument.
    fn complete(
        _ctx: &Context,
        _reference: &Reference,
        _argument: &str,
        _value: &str,
        _filled: &Filled,
    ) -> Result<Completion> {
        Ok(Completion::new::<String>([]))
    }
}

/// There is nothing at `uri`.
pub fn no_resource(uri: &str) -> Error {
    Error::not_found(format!("there is no resource \"{uri}\""))
}

/// The arguments of `T`, or what does not fit.
pub fn tool_arguments<T: serde::de::DeserializeOwned>(arguments: &str) -> Result<T> {
    serde_json::from_str(arguments).map_err(|problem| Error::Invalid(problem.to_string()))
}

/// Text arguments as a `T`, or what does not fit.
pub fn text_arguments<T: serde::de::DeserializeOwned>(arguments: &[(String, String)]) -> Result<T> {
    crate::text_args::parse(arguments)
}

/// Reads `R`.
pub fn read_resource<R: Resource>(ctx: &Context) -> Result<ResourceReading> {
    Ok(R::read(ctx)?.into_wit(R::URI, R::MIME_TYPE))
}

/// Reads what `T` covers, if `uri` is such.
pub fn read_template<T: Template>(ctx: &Context, uri: &str) -> Option<Result<ResourceReading>> {
    let variables = crate::uri_template::variables(T::URI, uri)?;
    Some(T::read(ctx, uri, &variables).map(|reading| reading.into_wit(uri, T::MIME_TYPE)))
}

/// What a scheme's function read at `uri`.
pub fn read_scheme(uri: &str, reading: Result<Reading>) -> Result<ResourceReading> {
    Ok(reading?.into_wit(uri, None))
}

/// A file of a skill: text as text, anything else as bytes.
pub fn read_skill(uri: &str, mime_type: &str, bytes: &[u8]) -> ResourceReading {
    let reading = match std::str::from_utf8(bytes) {
        Ok(text) => Reading::text(text),
        Err(_) => Reading::bytes(bytes),
    };
    reading.into_wit(uri, Some(mime_type))
}

/// Whether `uri` is of `scheme`.
pub fn has_scheme(uri: &str, scheme: &str) -> bool {
    uri.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(scheme))
}

/// A tool as a task: [`Context::become_task`] first, where the client follows
/// tasks or the tool is nothing else.
pub fn run_as_task(ctx: &Context, required: bool) -> Result<()> {
    if required || ctx.client().tasks { ctx.become_task() } else { Ok(()) }
}

/// Whether no name comes twice. Evaluated while the plugin compiles.
pub const fn are_distinct(names: &[&str]) -> bool {
    let mut one = 0;
    while one < names.len() {
        let mut other = one + 1;
        while other < names.len() {
            if are_same(names[one].as_bytes(), names[other].as_bytes()) {
                return false;
            }
            other += 1;
        }
        one += 1;
    }
    true
}

const fn are_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
