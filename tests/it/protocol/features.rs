//! Progress, log lines, cancellation, questions.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::everywhere;
use crate::harness::{Era, House, Plugin, wait_until};

fn methods<'a>(messages: &'a [Value], method: &str) -> Vec<&'a Value> {
    messages.iter().filter(|message| message["method"] == method).map(|message| &message["params"]).collect()
}

#[test]
fn progress_comes_to_who_asked() {
    let house = House::new().with(&Plugin::guest("progress"));
    everywhere(&house, |_, client, how| {
        let silent = client.call("progress_run", json!({"steps": 3, "pause_ms": 1}));
        assert_eq!(methods(&silent.before, "notifications/progress").len(), 0, "{how}");
        client.meta.insert("progressToken".to_owned(), json!("my token"));
        let answer = client.call("progress_run", json!({"steps": 3, "pause_ms": 300}));
        let progress = methods(&answer.before, "notifications/progress");
        assert!(progress.len() >= 2, "{how}: {answer:?}");
        let mut last = 0.0;
        for report in progress {
            assert_eq!((&report["progressToken"], report["total"].as_f64()), (&json!("my token"), Some(3.0)), "{how}");
            let now = report["progress"].as_f64().expect("a number");
            assert!(now > last, "{how}: it rises");
            last = now;
        }
        assert_eq!(answer.text(), "3 steps", "{how}");
    });
}

#[test]
fn log_lines_come_to_who_asked() {
    let house = House::new().with(&Plugin::guest("progress"));
    everywhere(&house, |era, client, how| {
        let call = json!({"steps": 2, "pause_ms": 1});
        match era {
            Era::Legacy => {
                assert_eq!(client.request("logging/setLevel", json!({"level": "info"})).result(), &json!({}))
            }
            Era::Modern => {
                let silent = client.call("progress_run", call.clone());
                assert_eq!(methods(&silent.before, "notifications/message").len(), 0, "{how}");
                client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("info"));
            }
        }
        let answer = client.call("progress_run", call.clone());
        let lines = methods(&answer.before, "notifications/message");
        assert_eq!(lines.len(), 2, "{how}: {answer:?}");
        assert_eq!((&lines[0]["level"], &lines[0]["data"]), (&json!("info"), &json!("step 1")), "{how}");
        match era {
            Era::Legacy => drop(client.request("logging/setLevel", json!({"level": "error"}))),
            Era::Modern => drop(client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("error"))),
        }
        let quiet = client.call("progress_run", call);
        assert_eq!(methods(&quiet.before, "notifications/message").len(), 0, "{how}");
    });
}

/// One call at a time, for a long time.
fn one_at_a_time() -> House {
    House::new().with(&Plugin::guest("slow").limits(json!({"concurrency": 1, "time": "60s"})))
}

#[test]
fn a_cancelled_call_stops_over_stdio() {
    for era in Era::ALL {
        let house = one_at_a_time();
        let (_server, mut client) = house.serve_stdio(era);
        let long = client.message("tools/call", json!({"name": "slow_run", "arguments": {"milliseconds": 50_000}}));
        client.pipe().send(&long);
        std::thread::sleep(Duration::from_millis(500));
        let cancelled = Instant::now();
        client.notify("notifications/cancelled", json!({"requestId": long["id"], "reason": "enough"}));
        // Its place is free again, and nobody is answered.
        wait_until("the place is free", || {
            let answer = client.call("slow_run", json!({"milliseconds": 1}));
            assert!(answer.before.iter().all(|message| message["id"] != long["id"]), "{era:?}: {answer:?}");
            answer.is_ok()
        });
        assert!(cancelled.elapsed() < Duration::from_secs(10), "{era:?}: {:?}", cancelled.elapsed());
    }
}

#[test]
fn a_closed_stream_cancels_a_modern_call() {
    let house = one_at_a_time();
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    client.meta.insert("progressToken".to_owned(), json!(1));
    let message = client.message("tools/call", json!({"name": "slow_run", "arguments": {"milliseconds": 50_000}}));
    let mut connection = crate::harness::http::Connection::open(server.address()).expect("a connection");
    connection.send(&client.http_request(&message)).expect("sent");
    std::thread::sleep(Duration::from_millis(500));
    let closed = Instant::now();
    drop(connection);
    wait_until("the place is free", || client.call("slow_run", json!({"milliseconds": 1})).is_ok());
    assert!(closed.elapsed() < Duration::from_secs(10), "{:?}", closed.elapsed());
}

#[test]
fn a_question_that_the_client_cannot_answer_is_told() {
    let house = House::new().with(&Plugin::guest("elicit"));
    let server = house.serve();
    let answer = server.client(Era::Modern).call("elicit_run", json!({}));
    assert_eq!((answer.status, answer.code()), (400, -32021), "{answer:?}");
    assert!(answer.message["error"]["data"]["requiredCapabilities"]["elicitation"].is_object(), "{answer:?}");
}
