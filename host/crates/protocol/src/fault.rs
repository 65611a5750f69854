use std::{borrow::Cow, sync::Arc};

use crate::{
    id::RequestId,
    json::Compact,
    revision::{Era, Revisions},
    speech::{ClientCapabilities, TASKS_EXTENSION},
    write::{Object, frame},
};

/// Every code that the host answers with.
pub mod code {
    /// The frame is not JSON.
    pub const PARSE_ERROR: i64 = -32700;
    /// JSON, but no JSON-RPC message.
    pub const INVALID_REQUEST: i64 = -32600;
    /// No such method in this era, or none that is served.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// Parameters that make no sense, or name something that does not exist.
    pub const INVALID_PARAMS: i64 = -32602;
    /// The host failed.
    pub const INTERNAL_ERROR: i64 = -32603;
    /// A header is missing or does not agree with the body.
    pub const HEADER_MISMATCH: i64 = -32020;
    /// The request needs what the client did not declare.
    pub const MISSING_CLIENT_CAPABILITY: i64 = -32021;
    /// A revision that is not offered.
    pub const UNSUPPORTED_VERSION: i64 = -32022;
    /// No such resource; never in the modern era.
    pub const RESOURCE_NOT_FOUND: i64 = -32002;
}

/// Longest method name or version that a message repeats. Answers "a request
/// that makes its own error large".
const LONGEST_ECHO: usize = 64;

/// A JSON-RPC error, with the HTTP status it goes out under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Fault {
    /// Whose answer it is; `None` when the id could not be read.
    pub id: Option<RequestId>,
    pub code: i64,
    pub message: Cow<'static, str>,
    pub data: Option<Box<Compact>>,
    /// What HTTP says; stdio has no use for it.
    pub status: u16,
    /// The scope that would open what was denied, for HTTP's challenge.
    pub opened_by: Option<Arc<str>>,
}

impl Fault {
    /// An error under status 200: the message was understood, the answer is no.
    #[must_use]
    pub fn new(code: i64, message: impl Into<Cow<'static, str>>) -> Self {
        Self { id: None, code, message: message.into(), data: None, status: 200, opened_by: None }
    }

    /// The same, as the answer to `id`.
    #[must_use]
    pub fn to(mut self, id: RequestId) -> Self {
        self.id = Some(id);
        self
    }

    /// The same, under another HTTP status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same, for want of a scope: one that would be enough, if there is one.
    #[must_use]
    pub fn denied(mut self, opened_by: Option<&Arc<str>>) -> Self {
        self.opened_by = opened_by.cloned();
        self.status(403)
    }

    /// The same, with a `data` object.
    #[must_use]
    pub fn data(mut self, members: impl FnOnce(&mut Object<'_>)) -> Self {
        self.data = Some(Box::new(Compact::write(members)));
        self
    }

    /// The frame is not JSON.
    #[must_use]
    pub fn parse_error(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::PARSE_ERROR, message).status(400)
    }

    /// JSON, but no JSON-RPC message.
    #[must_use]
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::INVALID_REQUEST, message).status(400)
    }

    /// No such method in `era`.
    #[must_use]
    pub fn method_not_found(era: Era, method: &str) -> Self {
        let status = if era == Era::Modern { 404 } else { 200 };
        Self::new(code::METHOD_NOT_FOUND, format!("method not found: {}", echo(method))).status(status)
    }

    /// Parameters that make no sense: `message` says what was expected.
    #[must_use]
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::INVALID_PARAMS, message)
    }

    /// The host failed; the client learns nothing more.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(code::INTERNAL_ERROR, "internal error")
    }

    /// A header is missing or does not agree with the body.
    #[must_use]
    pub fn header_mismatch(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::HEADER_MISMATCH, message).status(400)
    }

    /// A revision that is not offered.
    #[must_use]
    pub fn unsupported_version(requested: &str, offered: Revisions) -> Self {
        let requested = echo(requested);
        Self::new(code::UNSUPPORTED_VERSION, format!("unsupported protocol version: {requested}")).status(400).data(
            |data| {
                supported(data, offered);
                data.str("requested", &requested);
            },
        )
    }

    /// The request needs what the client did not declare: `needed` says what.
    #[must_use]
    pub fn missing_capability(needed: ClientCapabilities) -> Self {
        Self::new(code::MISSING_CLIENT_CAPABILITY, "the client lacks a capability that this needs").status(400).data(
            |data| {
                data.object("requiredCapabilities", |object| write_capabilities(object, needed));
            },
        )
    }

    /// There is no such resource.
    #[must_use]
    pub fn resource_not_found(era: Era, uri: &str) -> Self {
        let code = if era == Era::Legacy { code::RESOURCE_NOT_FOUND } else { code::INVALID_PARAMS };
        Self::new(code, "resource not found").data(|data| data.str("uri", uri))
    }

    /// The error as a frame.
    #[must_use]
    pub fn encode(&self) -> String {
        frame(|object| {
            if let Some(id) = &self.id {
                id.write(object.slot("id"));
            }
            object.object("error", |error| self.write(error));
        })
    }

    /// The members of the error object: for an error inside a result, such as a task's.
    pub fn write(&self, error: &mut Object<'_>) {
        error.slot("code").int(self.code);
        error.str("message", &self.message);
        error.maybe_raw("data", self.data.as_deref());
    }
}

pub(crate) fn supported(data: &mut Object<'_>, offered: Revisions) {
    data.array("supported", |versions| offered.dated().for_each(|revision| versions.str(revision.as_str())));
}

fn write_capabilities(object: &mut Object<'_>, needed: ClientCapabilities) {
    if needed.elicitation_form || needed.elicitation_url {
        object.object("elicitation", |modes| {
            let modes_needed = [("form", needed.elicitation_form), ("url", needed.elicitation_url)];
            modes_needed.iter().filter(|(_, is_needed)| *is_needed).for_each(|(mode, _)| modes.object(mode, |_| {}));
        });
    }
    if needed.sampling || needed.sampling_tools {
        object.object("sampling", |parts| {
            if needed.sampling_tools {
                parts.object("tools", |_| {});
            }
        });
    }
    if needed.roots {
        object.object("roots", |_| {});
    }
    if needed.tasks {
        object.object("extensions", |extensions| extensions.object(TASKS_EXTENSION, |_| {}));
    }
}

/// The part of a client's own text that a message repeats.
pub(crate) fn echo(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_ECHO).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_and_its_id_keeps_its_type() {
        let fault = Fault::method_not_found(Era::Modern, "a\nb").to("7".into());
        assert_eq!(
            fault.encode(),
            r#"{"jsonrpc":"2.0","id":"7","error":{"code":-32601,"message":"method not found: ab"}}"#
        );
        assert_eq!(fault.status, 404);
        let unread = Fault::parse_error("no");
        assert_eq!(unread.encode(), r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}"#);
    }

    #[test]
    fn an_unsupported_version_names_those_that_are() {
        let fault = Fault::unsupported_version("1999-01-01", Revisions::ALL);
        let data = fault.data.map(|data| data.into_string());
        let expected = r#"{"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"1999-01-01"}"#;
        assert_eq!(data.as_deref(), Some(expected));
    }

    #[test]
    fn a_missing_capability_is_named_in_the_clients_own_terms() {
        let needed = ClientCapabilities { elicitation_url: true, sampling: true, tasks: true, ..Default::default() };
        let data = Fault::missing_capability(needed).data.map(|data| data.into_string());
        let expected = r#"{"requiredCapabilities":{"elicitation":{"url":{}},"sampling":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#;
        assert_eq!(data.as_deref(), Some(expected));
    }

    #[test]
    fn only_the_older_era_has_a_code_for_missing_resources() {
        assert_eq!(Fault::resource_not_found(Era::Legacy, "a:b").code, -32002);
        assert_eq!(Fault::resource_not_found(Era::Modern, "a:b").code, -32602);
    }
}
