//! Callers who behave. Every request of theirs has to be answered, and well.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{
    STEADY, operator,
    stage::{Stage, one},
};
use crate::harness::{Client, Era, http::Request, wait_until};

/// Calls, lists, reads its own words again.
pub(super) fn steady(stage: &Stage<'_>, era: Era) {
    let (mut client, mut number) = (stage.steady(era), 0_u64);
    stage.again(|| {
        number += 1;
        let text = format!("{era:?} {number}");
        let answer = stage.must(&mut client, "echo_run", json!({"text": text}));
        assert_eq!(answer.structured()["text"], text.as_str(), "somebody else's answer");
        if number.is_multiple_of(50) {
            let listed = stage.request(&mut client, "tools/list", json!({}));
            assert!(listed.result()["tools"].as_array().is_some_and(|tools| !tools.is_empty()), "{listed:?}");
        }
    });
}

/// Counts in the plugin's store: a call that ran twice or not at all is seen.
pub(super) fn counting(stage: &Stage<'_>, era: Era) {
    let (mut client, mut number) = (stage.steady(era), 0_u64);
    let count = json!({"op": "increment", "key": format!("{era:?}")});
    stage.again(|| {
        number += 1;
        let answer = stage.must(&mut client, "kv-probe_run", count.clone());
        assert_eq!(answer.text(), number.to_string(), "every call once");
        stage.rest(5);
    });
}

/// The guide's dialect, a connection a call.
pub(super) fn guide(stage: &Stage<'_>) {
    let mut number = 0_u64;
    stage.again(|| {
        number += 1;
        let params = json!({"toolId": "echo.run", "args": {"text": number.to_string()}});
        let body = json!({"jsonrpc": "2.0", "id": number, "method": "mcp.tool.invoke", "params": params});
        let request = Request::mcp("POST", body.to_string()).header("Authorization", &format!("Bearer {STEADY}"));
        one(&stage.tally.messages);
        let told: Value = serde_json::from_slice(&stage.server.exchange(&request).body).expect("JSON");
        assert_eq!((&told["id"], &told["result"]["output"]["text"]), (&json!(number), &json!(number.to_string())));
        one(&stage.tally.answered);
    });
}

/// Tasks that end, and tasks that are cancelled.
pub(super) fn tasks(stage: &Stage<'_>) {
    let mut client = stage.steady(Era::Modern);
    client.capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let mut number = 0_u64;
    stage.again(|| {
        number += 1;
        let is_cancelled = number.is_multiple_of(3);
        let arguments = json!({"milliseconds": if is_cancelled { 30_000 } else { 40 }});
        let begun =
            stage.request(&mut client, "tools/call", json!({"name": "task-probe_work", "arguments": arguments}));
        let id = json!({"taskId": begun.result()["taskId"].as_str().unwrap_or_else(|| panic!("no task: {begun:?}"))});
        one(&stage.tally.tasks);
        if is_cancelled {
            stage.request(&mut client, "tasks/cancel", id.clone());
        }
        let ending = if is_cancelled { "cancelled" } else { "completed" };
        wait_until(&format!("the task is {ending}"), || {
            stage.rest(10);
            stage.request(&mut client, "tasks/get", id.clone()).result()["status"] == ending
        });
    });
}

/// Sessions that begin, listen, and end.
pub(super) fn sessions(stage: &Stage<'_>) {
    stage.again(|| {
        let mut client = stage.steady(Era::Legacy);
        let stream = client.listen(None).unwrap_or_else(|response| panic!("no stream: {response:?}"));
        stage.must(&mut client, "echo_run", json!({"text": "a"}));
        drop(stream);
        assert_eq!(client.end(), 204);
        one(&stage.tally.sessions);
        stage.rest(50);
    });
}

/// Whose key is rotated all the time: it is let in all the time.
pub(super) fn rotated(stage: &Stage<'_>) {
    stage.again(|| {
        let turn = stage.turn.load(Ordering::SeqCst);
        let mut client = stage.client(Era::Modern, &operator::text(turn));
        for _ in 0..20 {
            stage.must(&mut client, "echo_run", json!({"text": "a"}));
        }
        stage.used.store(turn, Ordering::SeqCst);
    });
}

/// Calls what is reloaded all the time: it never fails, and never goes back.
pub(super) fn follows_versions(stage: &Stage<'_>) {
    let (mut client, mut last) = (stage.steady(Era::Legacy), 0);
    stage.again(|| {
        let found = version(&stage.must(&mut client, "versioned_run", json!({"milliseconds": 10})).text());
        assert!(found >= last, "back from {last} to {found}");
        last = found;
    });
}

pub(super) fn version(text: &str) -> u32 {
    let number = text.strip_prefix("@version-").and_then(|rest| rest.strip_suffix('@'));
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no version: {text}"))
}

/// Calls what is revoked and accepted again: an answer or a refusal, never neither.
pub(super) fn bears_revocation(stage: &Stage<'_>) {
    let mut client: Client = stage.steady(Era::Modern);
    stage.again(|| {
        stage.call(&mut client, "manual_run", json!({"milliseconds": 5}));
        stage.rest(10);
    });
}
