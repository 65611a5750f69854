//! Who does not behave: plugins, and clients.

use std::{thread, time::Duration};

use serde_json::json;

use super::{
    STEADY,
    stage::{Stage, one},
};
use crate::harness::{
    Era,
    http::{Connection, Request},
};

/// How long a call takes that is given up before.
const NAP: u64 = 3_000;

/// Plugins that do what they should not, one after another.
pub(super) fn plugins(stage: &Stage<'_>) {
    let mut client = stage.steady(Era::Modern);
    stage.again(|| {
        for (tool, arguments) in [
            ("spin_run", json!({})),
            ("hog_run", json!({"mebibytes": 4_000})),
            ("flood-output_run", json!({"bytes": 2_000_000})),
            ("panic_run", json!({})),
            ("trap_run", json!({})),
        ] {
            let answer = stage.call(&mut client, tool, arguments);
            assert!(!answer.is_ok(), "{tool}: {answer:?}");
        }
        stage.must(&mut client, "flood-log_run", json!({"lines": 200, "bytes": 200}));
        let listed = stage.request(&mut client, "resources/list", json!({}));
        assert!(listed.result()["resources"].as_array().is_some_and(|found| !found.is_empty()), "{listed:?}");
    });
}

/// A client that asks and goes away.
pub(super) fn hang_up(stage: &Stage<'_>) {
    let client = stage.steady(Era::Modern);
    stage.again(|| {
        let arguments = json!({"name": "slow_run", "arguments": {"milliseconds": NAP}});
        let request = client.http_request(&client.message("tools/call", arguments));
        let mut connection = Connection::open(stage.server.address()).expect("a connection");
        connection.send(&request).expect("sent");
        one(&stage.tally.messages);
        one(&stage.tally.left);
        // Until it is under way; before that, hanging up takes the message back.
        stage.rest(100);
        drop(connection);
    });
}

/// A client that gives its own calls up.
pub(super) fn cancel(stage: &Stage<'_>) {
    let mut client = stage.steady(Era::Legacy);
    stage.again(|| {
        let message = client.message("tools/call", json!({"name": "slow_run", "arguments": {"milliseconds": NAP}}));
        let (request, to) = (client.http_request(&message), stage.server.address());
        one(&stage.tally.messages);
        one(&stage.tally.left);
        thread::scope(|scope| {
            let call = scope.spawn(move || {
                let mut connection = Connection::open(to).expect("a connection");
                connection.send(&request).expect("sent");
                connection.head().expect("an end").status
            });
            stage.rest(100);
            one(&stage.tally.messages);
            client.notify("notifications/cancelled", json!({"requestId": message["id"]}));
            // 200 if the answer, or the call itself, was on its way before.
            let status = call.join().expect("no panic");
            assert!(matches!(status, 200 | 202), "{status}");
        });
    });
}

/// Who has no key, a wrong one, or half a request.
pub(super) fn strangers(stage: &Stage<'_>) {
    let client = crate::harness::Client::http(stage.server.address(), Era::Modern, None);
    let request = client.http_request(&client.message("tools/list", json!({})));
    stage.again(|| {
        for key in ["Bearer wrong", "Bearer", &format!("Bearer {STEADY}x")] {
            let refused: Request = request.clone().header("Authorization", key);
            let status = stage.server.exchange(&refused).head.status;
            assert!(matches!(status, 400 | 401), "{key}: {status}");
            one(&stage.tally.strangers);
        }
        let mut half = Connection::open(stage.server.address()).expect("a connection");
        half.send_raw(b"POST /mcp HTTP/1.1\r\nHost: local").expect("sent");
        drop(half);
        thread::sleep(Duration::from_millis(50));
    });
}
