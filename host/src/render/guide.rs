//! Answers in the guide's dialect.

use std::time::Duration;

use bulkhead_base::CallId;
use bulkhead_policy::{Principal, Right, how_to_give};
use bulkhead_protocol::{
    Fault, RequestId,
    json::Compact,
    write::{Object, guide_answer},
};
use bulkhead_registry::{ExpandError, resource_kind};
use bulkhead_sandbox::CompiledPlugin;

use super::{
    FORBIDDEN, ReadReading, ReadTool,
    content::{Body, Contents},
    resource::{ReadEntry, describe},
};
use crate::screening::{Noted, Screened};

/// What a tool answered, or why it did not.
pub enum Output<'a> {
    Read(&'a ReadTool),
    /// For its model to read.
    Failed(&'a str),
}

/// What the guide is told of a call besides its output.
pub struct Metadata<'a> {
    pub took: Duration,
    pub plugin: &'a CompiledPlugin,
    pub call: CallId,
    pub noted: &'a Noted,
}

/// The answer to `mcp.tool.invoke`.
#[must_use]
pub fn invoked(id: &RequestId, output: &Output<'_>, metadata: &Metadata<'_>) -> String {
    let manifest = metadata.plugin.granted().plugin().manifest();
    guide_answer(id, |slot| {
        slot.object(|result| {
            let is_error = match output {
                Output::Read(read) => {
                    read.output(result.slot("output"));
                    read.is_error()
                }
                Output::Failed(text) => {
                    result.str("output", text);
                    true
                }
            };
            result.object("metadata", |out| {
                out.slot("durationMs").uint(u64::try_from(metadata.took.as_millis()).unwrap_or(u64::MAX));
                out.str("plugin", manifest.name.as_str());
                out.str("digest", &metadata.plugin.digest().to_string());
                out.str("contractDigest", &manifest.contract_digest.canonical.to_string());
                out.bool("isError", is_error);
                out.str("recordId", &metadata.call.to_string());
                metadata.noted.write_beside(out);
            });
        });
    })
}

/// The answer to `mcp.resource.read`: flat where there is one piece of
/// contents, which is nearly always.
#[must_use]
pub fn reading(id: &RequestId, read: &ReadReading, noted: &Noted) -> String {
    guide_answer(id, |slot| {
        slot.object(|result| {
            match read.contents() {
                [one] => write_contents(result, one),
                several => result.array("contents", |list| {
                    several.iter().for_each(|contents| list.object(|out| write_contents(out, contents)));
                }),
            }
            result.str("etag", read.etag());
            noted.write_beside(result);
        });
    })
}

fn write_contents(out: &mut Object<'_>, contents: &Contents) {
    match &contents.body {
        Body::Text(text) => out.str("content", text),
        Body::Blob(bytes) => out.slot("blob").base64(bytes),
    }
    out.maybe_str("mimeType", contents.mime_type.as_deref());
    out.str("uri", &contents.uri);
}

/// One line of a listing that a plugin made itself, of what the guide calls
/// `id`.
#[must_use]
pub fn guide_entry(entry: &ReadEntry, id: Option<&str>) -> Compact {
    Compact::write(|out| {
        out.maybe_str("resourceId", id);
        out.str("uri", &entry.uri);
        out.maybe_str("type", resource_kind(&entry.uri));
        describe(out, entry);
    })
}

/// The answer to `mcp.resource.write`.
#[must_use]
pub fn written(id: &RequestId, uri: &str, etag: &Screened) -> String {
    guide_answer(id, |slot| {
        slot.object(|result| {
            result.str("uri", uri);
            result.str("etag", etag);
        });
    })
}

/// Parameters that no resource of that name has.
#[must_use]
pub fn unlike_template(error: &ExpandError) -> Fault {
    Fault::invalid_params(match error {
        ExpandError::Unknown { .. } | ExpandError::Missing(_) | ExpandError::Kind(_) => {
            format!("params.params.{error}")
        }
        ExpandError::Dots | ExpandError::TooLong => format!("params.params: {error}"),
    })
}

/// A right that the caller lacks: what it reads, and the log line with what to
/// write in the configuration.
#[must_use]
pub fn lacks_right(principal: &Principal, right: &Right) -> (Fault, String) {
    let (who, opened_by) = (principal.id(), principal.access().scopes_that_give(right));
    let fault = Fault::new(FORBIDDEN, "you may not do this").denied(opened_by.first());
    let remedy = match opened_by.first() {
        Some(scope) => how_to_give(who, scope),
        None => format!("add to a scope that {who:?} holds, under `scopes:` in mcp.yaml: \"{right}\""),
    };
    (fault, format!("{who:?} may not do this. To allow it, {remedy}"))
}
