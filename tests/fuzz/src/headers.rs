//! A request over HTTP: its header fields can refuse it, and never change what
//! it says; what they repeat, they repeat truly.

use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_protocol::{
    Era, Field, Fields, Hearing, Incoming, ParamHeader, Revision, Revisions, Speech, WireFacts, check_headers, code,
    decode, json::Json, param_headers,
};
use serde_json::{Value, json};

use crate::{frame::heard, message::written};

const SCHEMA: &str = r#"{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}"#;

/// What names the thing that a method is about.
const NAMED: [(&str, &str); 10] = [
    ("tools/call", "name"),
    ("prompts/get", "name"),
    ("resources/read", "uri"),
    ("resources/subscribe", "uri"),
    ("resources/unsubscribe", "uri"),
    ("resources/directory/read", "uri"),
    ("skills/get", "uri"),
    ("tasks/get", "taskId"),
    ("tasks/update", "taskId"),
    ("tasks/cancel", "taskId"),
];

/// Of them, those of extensions, whose clients may leave the name out.
const UNDEMANDED: [&str; 2] = ["resources/directory/read", "skills/get"];

/// Header fields, in any number.
#[derive(Default)]
struct Given(Vec<(&'static str, String)>);

impl Fields for Given {
    fn field(&self, name: &str) -> Field<'_> {
        let mut found = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (None, _) => Field::Absent,
            (Some((_, value)), None) if value.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => {
                Field::Text(value.trim())
            }
            _ => Field::Unreadable,
        }
    }
}

pub fn holds(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok((era, message)) = written(&mut u) else { return };
    let Ok(given) = given(&mut u, era, &message) else { return };
    let text = message.to_string();
    let session = (era == Era::Legacy).then(|| Arc::new(Speech::of(Revision::V2025_11_25)));
    let hearing = |wire| Hearing { offered: Revisions::ALL, session: session.as_ref(), wire };
    heard(text.as_bytes(), &hearing(WireFacts::Http(&given)));
    let bare = decode(text.as_bytes(), &hearing(WireFacts::Stdio));
    match decode(text.as_bytes(), &hearing(WireFacts::Http(&given))) {
        Ok(Incoming::Request(call)) => {
            let Ok(Incoming::Request(same)) = bare else { panic!("refused without headers: {message}") };
            assert_eq!((&call.request, &call.id, call.era()), (&same.request, &same.id, same.era()), "{message}");
            agreeing(&given, era, &message);
        }
        Ok(_) => panic!("a request, taken for something else: {message}"),
        Err(fault) if fault.code == code::HEADER_MISMATCH => assert_eq!(fault.status, 400),
        Err(fault) if fault.code == code::UNSUPPORTED_VERSION => {}
        Err(fault) => assert_eq!(Some(fault), bare.err(), "another error than without headers: {message}"),
    }
    repeated(&mut u).ok();
}

/// What the fields of a request say that was taken.
fn agreeing(given: &Given, era: Era, message: &Value) {
    let method = message["method"].as_str().expect("a method");
    match given.field("mcp-method") {
        Field::Text(value) => assert_eq!(value, method),
        Field::Absent => assert_ne!(era, Era::Modern, "no Mcp-Method: {message}"),
        Field::Unreadable => panic!("Mcp-Method cannot be read: {message}"),
    }
    let name = NAMED.iter().find(|(named, _)| *named == method).and_then(|(_, key)| message["params"][*key].as_str());
    match given.field("mcp-name") {
        Field::Text(value) => assert_eq!(Some(plain(value).as_str()), name.or(guides_name(message)), "{message}"),
        Field::Absent => {
            let demanded = era == Era::Modern && !UNDEMANDED.contains(&method);
            assert!(!demanded || name.is_none(), "no Mcp-Name: {message}");
        }
        Field::Unreadable => panic!("Mcp-Name cannot be read: {message}"),
    }
    if era == Era::Modern {
        let version = &message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"];
        assert_eq!(given.field("mcp-protocol-version"), Field::Text(version.as_str().expect("a version")));
    }
}

/// The guide names things in its own members.
fn guides_name(message: &Value) -> Option<&str> {
    let params = &message["params"];
    params["toolId"].as_str().or_else(|| params["uri"].as_str()).or_else(|| params["name"].as_str())
}

fn plain(value: &str) -> String {
    let encoded = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    encoded.map_or_else(
        || value.to_owned(),
        |encoded| String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("UTF-8"),
    )
}

/// Fields of which each is right, wrong, absent or said twice.
fn given(u: &mut Unstructured<'_>, era: Era, message: &Value) -> Result<Given> {
    let mut given = Given::default();
    let method = message["method"].as_str().unwrap_or_default();
    let key = NAMED.iter().find(|(named, _)| *named == method).map_or("name", |(_, key)| key);
    let name = message["params"][key].as_str().unwrap_or_default();
    let version = if era == Era::Modern { "2026-07-28" } else { "2025-11-25" };
    for (field, right) in [("Mcp-Method", method), ("Mcp-Name", name), ("MCP-Protocol-Version", version)] {
        match u.int_in_range(0..=7)? {
            0 => {}
            1 => given.0.push((field, u.arbitrary::<String>()?)),
            2 => given.0.push((field, format!("=?base64?{}?=", STANDARD.encode(right)))),
            3 => given.0.extend([(field, right.to_owned()), (field, right.to_owned())]),
            4 => given.0.push((field, right.to_uppercase())),
            _ => given.0.push((field, right.to_owned())),
        }
    }
    Ok(given)
}

/// An argument that is repeated in a field of its own.
fn repeated(u: &mut Unstructured<'_>) -> Result<()> {
    let headers: Vec<ParamHeader> = param_headers(Json::parse(SCHEMA).expect("JSON")).expect("a proper schema");
    let region: Option<String> = u.arbitrary()?;
    let arguments = region.as_ref().map_or(json!({}), |region| json!({"region": region})).to_string();
    let mut given = Given::default();
    match u.int_in_range(0..=3)? {
        0 => {}
        1 => given.0.push(("Mcp-Param-Region", u.arbitrary()?)),
        2 => given.0.push(("Mcp-Param-Region", region.clone().unwrap_or_default())),
        _ => {
            let encoded = STANDARD.encode(region.as_deref().unwrap_or_default());
            given.0.push(("Mcp-Param-Region", format!("=?base64?{encoded}?=")));
        }
    }
    let arguments = Json::parse(&arguments).expect("JSON");
    if check_headers(&headers, Some(arguments), &given, Era::Modern).is_ok() {
        match (given.field("mcp-param-region"), region) {
            (Field::Text(value), Some(region)) => assert_eq!(plain(value), region),
            (Field::Absent, None) => {}
            (field, region) => panic!("{field:?} was taken for {region:?}"),
        }
    }
    Ok(())
}
