//! Whatever arrives as a frame: what decodes says what it said, and what does
//! not gets an answer that is safe to send.

use std::sync::Arc;

use bulkhead_protocol::{
    Call, Era, Fault, Field, Fields, Hearing, Incoming, Request, RequestId, ResourceRef, Response, Revision, Revisions,
    Speech, WireFacts, code, decode,
    json::{Json, MAX_DEPTH},
};
use serde_json::Value;

use crate::reader::{is_number_too_large, is_unambiguous, read};

/// Most bytes of an error: an id of 1024 characters, each escaped, and what a
/// message may repeat.
const LONGEST_ERROR: usize = 8 * 1024;

/// The header fields of a request that has none.
pub struct NoFields;

impl Fields for NoFields {
    fn field(&self, _: &str) -> Field<'_> {
        Field::Absent
    }
}

/// The first byte says how the rest is heard.
pub fn holds(data: &[u8]) {
    let Some((&how, frame)) = data.split_first() else { return };
    let session = match how & 0b11 {
        0 => None,
        1 => Some(Revision::V2024_11_05),
        2 => Some(Revision::V2025_06_18),
        _ => Some(Revision::V2025_11_25),
    };
    let session = session.map(|revision| Arc::new(Speech::of(revision)));
    let wire = if how & 0b100 == 0 { WireFacts::Stdio } else { WireFacts::Http(&NoFields) };
    let offered = match how >> 3 & 0b11 {
        0 | 1 => Revisions::ALL,
        2 => [Revision::V2026_07_28].into_iter().collect(),
        _ => [Revision::V2025_11_25, Revision::Guide].into_iter().collect(),
    };
    heard(frame, &Hearing { offered, session: session.as_ref(), wire });
}

/// The property of one frame.
pub fn heard(frame: &[u8], hearing: &Hearing<'_>) {
    match decode(frame, hearing) {
        Err(fault) => refused(&fault, frame),
        Ok(incoming) => {
            assert!(is_unambiguous(frame, MAX_DEPTH) || is_number_too_large(frame), "a key twice, or too deep");
            let Some(read) = read(frame) else {
                assert!(is_number_too_large(frame), "no JSON, and taken for a message");
                return;
            };
            assert_eq!(read["jsonrpc"], "2.0");
            match incoming {
                Incoming::Request(call) => asked(&call, &read, hearing),
                Incoming::Notification(_) => assert!(read.get("id").is_none() && read["method"].is_string()),
                Incoming::Response(response) => answered(&response, &read),
            }
        }
    }
}

fn asked(call: &Call<'_>, read: &Value, hearing: &Hearing<'_>) {
    assert_eq!(read["method"], *call.method);
    assert_eq!(read["id"], id(&call.id));
    assert!(hearing.offered.offers(call.speech.revision) || hearing.session.is_some());
    let params = &read["params"];
    match &call.request {
        Request::CallTool { name, arguments, .. } => {
            let (named, given) = if call.era() == Era::Guide { ("toolId", "args") } else { ("name", "arguments") };
            assert_eq!(params[named], **name);
            same(*arguments, &params[given]);
        }
        Request::GetPrompt { name, .. } if call.era() != Era::Guide => assert_eq!(params["name"], **name),
        Request::ReadResource { resource: ResourceRef::Uri(uri), .. } | Request::Subscribe { uri } => {
            assert_eq!(params["uri"], **uri);
        }
        Request::UpdateTask { task_id, input_responses } => {
            assert_eq!(params["taskId"], **task_id);
            same(Some(*input_responses), &params["inputResponses"]);
        }
        _ => {}
    }
    // What is told about this very request can be sent.
    let told = [
        Fault::method_not_found(call.era(), &call.method),
        Fault::unsupported_version(&call.method, hearing.offered),
        Fault::resource_not_found(call.era(), &call.method),
    ];
    for fault in told {
        let text = fault.to(call.id.clone()).encode();
        let answer = sendable(&text);
        assert_eq!(answer["id"], read["id"]);
    }
}

fn answered(response: &Response<'_>, read: &Value) {
    assert!(read.get("method").is_none());
    assert_eq!(response.id.as_ref().map_or(Value::Null, id), read["id"]);
    match response.outcome {
        Ok(result) => same(Some(result), &read["result"]),
        Err(error) => same(Some(error), &read["error"]),
    }
}

/// A part of a frame that is handed on is the same part of the same frame.
fn same(part: Option<Json<'_>>, expected: &Value) {
    let part = part.map_or(Value::Null, |json| serde_json::from_str(json.get()).expect("a part that is JSON"));
    assert_eq!(part, *expected);
}

fn id(id: &RequestId) -> Value {
    match id {
        RequestId::Int(number) => (*number).into(),
        RequestId::Text(text) => (**text).into(),
    }
}

/// An answer to what cannot be heard.
fn refused(fault: &Fault, frame: &[u8]) {
    let text = fault.encode();
    assert!(text.len() <= LONGEST_ERROR, "{} bytes", text.len());
    let answer = sendable(&text);
    assert_eq!(answer["error"]["code"], fault.code);
    assert!([200, 400, 404].contains(&fault.status), "{}", fault.status);
    let known = [
        code::PARSE_ERROR,
        code::INVALID_REQUEST,
        code::METHOD_NOT_FOUND,
        code::INVALID_PARAMS,
        code::HEADER_MISMATCH,
        code::UNSUPPORTED_VERSION,
    ];
    assert!(known.contains(&fault.code), "{}", fault.code);
    let read = read(frame);
    if fault.code == code::PARSE_ERROR {
        assert!(read.is_none(), "said to be no JSON");
        assert!(fault.id.is_none());
    }
    if let (Some(said), Some(read)) = (&fault.id, &read) {
        assert_eq!(id(said), read["id"], "answered to another id");
    }
}

/// One line of JSON, as every frame that leaves has to be.
pub fn sendable(text: &str) -> Value {
    assert!(!text.bytes().any(|byte| byte < 0x20), "a raw control character: {text:?}");
    assert!(is_unambiguous(text.as_bytes(), MAX_DEPTH), "{text}");
    let answer: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(answer["jsonrpc"], "2.0");
    answer
}
