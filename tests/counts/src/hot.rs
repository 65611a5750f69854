//! The functions.

use std::{borrow::Cow, convert::Infallible, hint::black_box, time::SystemTime};

use bulkhead_audit::{Call, Detail, Intent};
use bulkhead_base::{CallId, Operation, OperationKind};
use bulkhead_protocol::{
    Hearing, RequestId, Revision, Revisions, Speech, WireFacts, decode,
    json::{Wording, compact},
    write::{Answer, ServerInfo},
};
use bulkhead_schema::{Bounds, Validator};
use bulkhead_screen::{Place, Policy, Screen};

use crate::texts;

/// One of them, under a name that stays.
pub(crate) struct Hot {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn()>,
}

fn hot(name: &'static str, run: impl Fn() + 'static) -> Hot {
    Hot { name, run: Box::new(run) }
}

pub(crate) fn all() -> Vec<Hot> {
    let mut all = reading();
    all.extend(screening());
    all.extend(checking());
    all.extend(recording());
    all.extend(writing());
    all
}

fn argument(text: &str) -> String {
    format!(r#"{{"text":{}}}"#, compact(&quoted(text), usize::MAX).unwrap())
}

/// `text` as a JSON string.
fn quoted(text: &str) -> String {
    bulkhead_protocol::json::Compact::value(|slot| slot.str(text)).into_string()
}

fn reading() -> Vec<Hot> {
    let read = |name, arguments: &str| {
        let frame = texts::call(arguments);
        hot(name, move || {
            let hearing = Hearing { offered: Revisions::ALL, session: None, wire: WireFacts::Stdio };
            black_box(decode(black_box(frame.as_bytes()), &hearing).unwrap());
        })
    };
    vec![
        read("decode.small", r#"{"a":2,"b":3}"#),
        read("decode.prose", &argument(&texts::prose())),
        read("decode.rows", &format!(r#"{{"rows":{}}}"#, texts::rows())),
    ]
}

fn screening() -> Vec<Hot> {
    let screen: &'static Screen = Box::leak(Box::new(Screen::standard().unwrap()));
    let screened = |name, texts: Vec<String>| {
        hot(name, move || {
            let mut pass = screen.pass(Policy::Flag);
            for text in black_box(&texts) {
                black_box(pass.text(Place::Content, text).unwrap());
            }
            black_box(pass.finish());
        })
    };
    vec![
        screened("screen.small", vec!["5".to_owned()]),
        screened("screen.prose", vec![texts::prose()]),
        screened("screen.code", vec![texts::code()]),
        screened("screen.korean", vec![texts::korean()]),
        screened("screen.short", (0..1_000).map(|number| format!("a short text, number {number}")).collect()),
    ]
}

fn checking() -> Vec<Hot> {
    let text = r#"{"type":"object","properties":{"text":{"type":"string","maxLength":8388608}},"required":["text"]}"#;
    let rows = r#"{"type":"object","properties":{"rows":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}},"required":["id"]}}}}"#;
    let checked = |name, schema, arguments: String| {
        let validator = Validator::compile(schema, Bounds::Host).unwrap();
        hot(name, move || validator.check_text(black_box(&arguments)).unwrap())
    };
    vec![
        checked("check.prose", text, argument(&texts::prose())),
        checked("check.rows", rows, format!(r#"{{"rows":{}}}"#, texts::rows())),
    ]
}

fn recording() -> Vec<Hot> {
    let recorded = |name, full, arguments: String| {
        let (id, detail) = (CallId::fresh().unwrap(), Detail { full, ..Detail::default() });
        let plugin = "add".parse().unwrap();
        let operation = Operation { kind: OperationKind::CallTool, plugin, item: "add.echo".into() };
        hot(name, move || {
            let call = Call { id, principal: "counts", operation: &operation, digest: None, contract: None };
            let intent = Intent { call, arguments: black_box(&arguments) };
            black_box(intent.entry(SystemTime::UNIX_EPOCH, &detail));
        })
    };
    vec![
        recorded("record.small", false, r#"{"a":2,"b":3}"#.to_owned()),
        recorded("record.full.prose", true, argument(&texts::prose())),
        recorded("record.full.code", true, argument(&texts::code())),
        recorded("record.full.rows", true, format!(r#"{{"rows":{}}}"#, texts::rows())),
    ]
}

/// Has every text stay as it is.
struct Kept;

impl Wording for Kept {
    type Error = Infallible;

    fn key(&mut self, _: &str) -> Result<(), Infallible> {
        Ok(())
    }

    fn text<'t>(&mut self, text: &'t str) -> Result<Cow<'t, str>, Infallible> {
        Ok(Cow::Borrowed(text))
    }
}

fn writing() -> Vec<Hot> {
    let answered = |name, text: String| {
        let (id, speech, server) =
            (RequestId::Int(1), Speech::of(Revision::V2026_07_28), ServerInfo::new("counts", None, "1"));
        hot(name, move || {
            let text = black_box(&text);
            black_box(Answer::new(&id, &speech, &server).encode(|result| {
                result.array("content", |blocks| {
                    blocks.object(|block| {
                        block.str("type", "text");
                        block.str("text", text);
                    });
                });
            }));
        })
    };
    let rows = texts::rows();
    vec![
        answered("answer.prose", texts::prose()),
        answered("answer.code", texts::code()),
        hot("answer.structured", move || {
            black_box(compact(black_box(&rows), usize::MAX).unwrap().reworded(&mut Kept).unwrap());
        }),
    ]
}
