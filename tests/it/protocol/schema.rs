//! That the harness does hold what a server says against the schemas.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use crate::harness::{
    Client, Era, Reaction, Upstream,
    ledger::Ledger,
    schema::{REVISIONS, check},
};

fn answer(result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "result": result})
}

fn error(code: i64, data: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "no", "data": data}})
}

#[test]
fn a_wrong_answer_is_caught_in_every_revision() {
    for revision in REVISIONS {
        let modern = revision == "2026-07-28";
        let text = |mut result: Value| {
            if modern {
                result["resultType"] = "complete".into();
            }
            answer(result)
        };
        let right = text(json!({"content": [{"type": "text", "text": "a"}]}));
        check(revision, Some("tools/call"), &right).unwrap_or_else(|wrong| panic!("{revision}: {wrong}"));
        for wrong in [
            json!({}),
            json!({"content": "a"}),
            json!({"content": [{"type": "text"}]}),
            json!({"content": [{"type": "image", "data": "not base64!", "mimeType": "image/png"}]}),
        ] {
            assert!(check(revision, Some("tools/call"), &text(wrong.clone())).is_err(), "{revision}: {wrong}");
        }
        for wrong in [json!({"jsonrpc": "2.0", "id": 1}), json!({"jsonrpc": "2.0", "id": null, "result": {}})] {
            assert!(check(revision, None, &wrong).is_err(), "{revision}: {wrong}");
        }
        let silent = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}});
        let told = check(revision, None, &silent).expect_err("a token is missing");
        assert!(told.contains("progressToken"), "{revision}: {told}");
    }
}

#[test]
fn what_sets_one_revision_apart_is_caught() {
    let audio = answer(json!({"content": [{"type": "audio", "data": "YQ==", "mimeType": "audio/wav"}]}));
    assert!(check("2024-11-05", Some("tools/call"), &audio).is_err());
    check("2025-03-26", Some("tools/call"), &audio).expect("audio came with this revision");
    let plain = answer(json!({"tools": []}));
    assert!(check("2026-07-28", Some("tools/list"), &plain).is_err(), "no resultType");
    check("2025-11-25", Some("tools/list"), &plain).expect("a listing");
    let uncached = answer(json!({"tools": [], "resultType": "complete"}));
    assert!(check("2026-07-28", Some("tools/list"), &uncached).is_err(), "no ttlMs, no cacheScope");
    assert!(check("2026-07-28", None, &answer(json!({"resultType": "invented"}))).is_err());
    assert!(check("2026-07-28", Some("tools/call"), &answer(json!({"resultType": "task", "taskId": "1"}))).is_err());
    assert!(check("2026-07-28", None, &error(-32021, json!({}))).is_err(), "no requiredCapabilities");
    check("2026-07-28", None, &error(-32021, json!({"requiredCapabilities": {"sampling": {}}}))).expect("an error");
}

#[test]
fn a_ledger_knows_what_was_asked() {
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
    let hear = |message: Value| {
        let mut ledger = Ledger::default();
        ledger.sent(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}));
        catch_unwind(AssertUnwindSafe(|| ledger.received(&message))).is_ok()
    };
    let listing = json!({"tools": [], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"});
    assert!(hear(answer(listing.clone())));
    assert!(!hear(answer(json!({"prompts": [], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"}))));
    assert!(!hear(json!({"id": 1, "result": listing})));
}

#[test]
fn every_connection_has_its_ledger() {
    let says = |result: Value| {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let body = answer(result).to_string().into_bytes();
        let stranger = Upstream::always(Reaction::Answer { status: 200, headers, body });
        let mut client = Client::http(([127, 0, 0, 1], stranger.port()).into(), Era::Modern, None);
        catch_unwind(AssertUnwindSafe(|| client.request("tools/list", json!({})))).is_ok()
    };
    assert!(says(json!({"tools": [], "resultType": "complete", "ttlMs": 0, "cacheScope": "private"})));
    assert!(!says(json!({"tools": [], "resultType": "complete", "ttlMs": "soon", "cacheScope": "private"})));
}
