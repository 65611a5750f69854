use super::*;
use crate::{code, json::Json, request::Request};

mod accepted;
mod headers;
mod malformed;

/// Header fields as a transport would hand them in.
#[derive(Default)]
struct Head<'a>(&'a [(&'a str, &'a str)]);

impl Fields for Head<'_> {
    fn field(&self, name: &str) -> Field<'_> {
        let mut values = self.0.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (None, _) => Field::Absent,
            (Some(value), None) if value.is_ascii() => Field::Text(value),
            _ => Field::Unreadable,
        }
    }
}

const VERSION: (&str, &str) = ("MCP-Protocol-Version", "2026-07-28");
const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;

/// A modern request without further parameters.
fn modern(method: &str, params: &str) -> String {
    let comma = if params.is_empty() { "" } else { "," };
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}{comma}{META}}}}}"#)
}

fn legacy(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#)
}

fn on_stdio(frame: &str) -> Result<Incoming<'_>, Fault> {
    decode(frame.as_bytes(), &Hearing { offered: Revisions::ALL, session: None, wire: WireFacts::Stdio })
}

fn on_http<'a>(frame: &'a str, head: &[(&str, &str)]) -> Result<Incoming<'a>, Fault> {
    decode(frame.as_bytes(), &Hearing { offered: Revisions::ALL, session: None, wire: WireFacts::Http(&Head(head)) })
}

fn call(incoming: Result<Incoming<'_>, Fault>) -> Call<'_> {
    match incoming {
        Ok(Incoming::Request(call)) => call,
        other => panic!("expected a request, got {other:?}"),
    }
}

/// Status, code and id of a refusal.
fn refusal(incoming: Result<Incoming<'_>, Fault>) -> (u16, i64, Option<RequestId>) {
    let fault = incoming.expect_err("expected a refusal");
    (fault.status, fault.code, fault.id)
}
