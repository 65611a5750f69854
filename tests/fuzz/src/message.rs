//! Requests of both eras and the guide as a client would write them, and the
//! same with a byte or two changed.

use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use bulkhead_protocol::{Era, Hearing, Incoming, Revision, Revisions, Speech, WireFacts, code, decode, methods};
use serde_json::{Map, Value, json};

use crate::frame::heard;

/// How deep what a client sends in good faith goes.
const DEPTH: usize = 6;

/// Most damaged bytes.
const DAMAGES: usize = 4;

pub fn holds(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok((era, message)) = written(&mut u) else { return };
    let mut text = message.to_string().into_bytes();
    let session = (era == Era::Legacy).then(|| Arc::new(Speech::of(Revision::V2025_11_25)));
    let hearing = Hearing { offered: Revisions::ALL, session: session.as_ref(), wire: WireFacts::Stdio };
    whole(&text, &message, era, &hearing);
    if damaged(&mut u, &mut text).is_ok() {
        heard(&text, &hearing);
    }
}

/// A message that nobody has touched is taken, or refused for what it says.
fn whole(text: &[u8], message: &Value, era: Era, hearing: &Hearing<'_>) {
    heard(text, hearing);
    match decode(text, hearing) {
        Ok(Incoming::Request(call)) => assert_eq!(call.era(), era, "{message}"),
        Ok(_) => panic!("a request, taken for something else: {message}"),
        Err(fault) => {
            let said = [code::METHOD_NOT_FOUND, code::INVALID_PARAMS, code::UNSUPPORTED_VERSION];
            assert!(said.contains(&fault.code), "{fault}: {message}");
            assert!(fault.id.is_some(), "{fault}: {message}");
        }
    }
}

/// A request of an era.
pub fn written(u: &mut Unstructured<'_>) -> Result<(Era, Value)> {
    let era = *u.choose(&[Era::Legacy, Era::Modern, Era::Guide])?;
    let known: Vec<_> = methods(era).collect();
    let method = *u.choose(&known)?;
    let mut params = parameters(u)?;
    if era == Era::Modern {
        let version = if u.ratio(7, 8)? { "2026-07-28" } else { "2099-01-01" };
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({"sampling": {}, "elicitation": {}});
    }
    let id = if u.ratio(1, 2)? { json!(u.arbitrary::<i64>()?) } else { json!(text(u)?) };
    Ok((era, json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})))
}

/// Parameters under the names that methods know, each of the right type or of any.
fn parameters(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut params = Map::new();
    for (name, right) in [
        ("name", json!("greet")),
        ("uri", json!("test://static-text")),
        ("arguments", json!({"name": "Alice"})),
        ("cursor", json!("AAAA")),
        ("taskId", json!("t")),
        ("toolId", json!("weather.getCurrent")),
        ("args", json!({"location": "Berlin"})),
        ("protocolVersion", json!("2025-06-18")),
        ("capabilities", json!({"roots": {}})),
        ("level", json!("info")),
        ("inputResponses", json!({"a": {"action": "accept"}})),
        ("requestState", json!("sealed")),
        ("ref", json!({"type": "ref/prompt", "name": "p"})),
        ("argument", json!({"name": "a", "value": "b"})),
        ("notifications", json!({"toolsListChanged": true, "resourceSubscriptions": ["a:b"]})),
        ("rootId", json!("r")),
        ("table", json!({})),
        ("content", json!("x")),
    ] {
        match u.int_in_range(0..=3)? {
            0 => {}
            1 => drop(params.insert(name.to_owned(), value(u, DEPTH)?)),
            _ => drop(params.insert(name.to_owned(), right)),
        }
    }
    if u.ratio(1, 4)? {
        params.insert(text(u)?, value(u, DEPTH)?);
    }
    if u.ratio(1, 4)? {
        params.insert("_meta".to_owned(), json!({"progressToken": u.arbitrary::<u32>()?}));
    }
    Ok(Value::Object(params))
}

fn value(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 4 } else { 6 })? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 => u.arbitrary::<i64>()?.into(),
        3 => u.arbitrary::<f64>()?.into(),
        4 => text(u)?.into(),
        5 => (0..u.int_in_range(0..=3)?).map(|_| value(u, depth - 1)).collect::<Result<Vec<_>>>()?.into(),
        _ => {
            let members = (0..u.int_in_range(0..=3)?).map(|_| Ok((text(u)?, value(u, depth - 1)?)));
            members.collect::<Result<Map<_, _>>>()?.into()
        }
    })
}

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let length = u.int_in_range(0..=12)?;
    (0..length).map(|_| u.arbitrary::<char>()).collect()
}

/// Changes a few bytes, as somebody with bad intent or a bad disk would.
fn damaged(u: &mut Unstructured<'_>, text: &mut Vec<u8>) -> Result<()> {
    for _ in 0..u.int_in_range(1..=DAMAGES)? {
        let at = u.choose_index(text.len())?;
        match u.int_in_range(0..=3)? {
            0 => text[at] = u.arbitrary()?,
            1 => drop(text.remove(at)),
            2 => text.insert(at, *u.choose(b"{}[]\",:\\0nt \n")?),
            _ => {
                let end = at + u.choose_index(text.len() - at)?;
                let part = text[at..end].to_vec();
                text.splice(at..at, part);
            }
        }
        if text.is_empty() {
            break;
        }
    }
    Ok(())
}
