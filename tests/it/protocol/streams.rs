//! Streams of the handshake era that a client comes back to.

use serde_json::{Value, json};

use crate::harness::{
    Client, Era, House, Plugin, Server,
    http::{Connection, Event, Events, Request},
    wait_until,
};

/// Logs three lines, closes its stream, logs two more.
fn work() -> Value {
    json!({"name": "polling_run", "arguments": {"before": 3, "after": 2, "pause_ms": 300, "retry_ms": 250}})
}

fn polling() -> (House, Server) {
    let house = House::new().with(&Plugin::guest("polling"));
    let server = house.serve();
    (house, server)
}

/// What is left of a stream.
fn rest(mut events: Events) -> Vec<Event> {
    let mut read = Vec::new();
    while let Some(event) = events.next().expect("an event or the end") {
        read.push(event);
    }
    read
}

fn read(events: &mut Events) -> Event {
    events.next().expect("an event").expect("not the end")
}

fn id(event: &Event) -> &str {
    event.id.as_deref().unwrap_or_else(|| panic!("no id: {event:?}"))
}

/// The messages of events, with what became of their ids: all are of one
/// stream, and count on from `last`.
fn messages(events: &[Event], last: &str) -> Vec<Value> {
    let (stream, sequence) = last.split_once('.').expect("stream.sequence");
    let mut sequence: u64 = sequence.parse().expect("a number");
    let mut read = Vec::new();
    for event in events.iter().filter(|event| event.retry.is_none()) {
        sequence += 1;
        assert_eq!(id(event), format!("{stream}.{sequence}"), "{events:?}");
        read.push(message(event));
    }
    read
}

fn message(event: &Event) -> Value {
    let data = event.data.as_deref().unwrap_or_else(|| panic!("no data: {event:?}"));
    serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {event:?}"))
}

fn lines(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["params"]["data"].as_str()).collect()
}

fn text(message: &Value) -> &str {
    message["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no answer: {message}"))
}

fn refused(client: &Client, last: &str) -> u16 {
    match client.listen(Some(last)) {
        Ok(_) => 200,
        Err(response) => response.head.status,
    }
}

#[test]
fn a_closed_stream_is_gone_on_with_and_nothing_is_lost_or_told_twice() {
    let (_house, server) = polling();
    let mut client = server.client(Era::Legacy);
    let (call, mut events) = client.begin("tools/call", work());
    let first = read(&mut events);
    assert_eq!(first.data.as_deref(), Some(""), "a place to come back to before anything is said");
    let before = rest(events);
    let retry = before.last().expect("some events");
    assert_eq!((retry.retry, &retry.data), (Some(250), &None), "{before:?}");
    let told = messages(&before, id(&first));
    assert_eq!(lines(&told), ["before 1", "before 2", "before 3"]);

    let last = id(&before[before.len() - 2]).to_owned();
    let after = rest(client.listen(Some(&last)).expect("a stream"));
    let told = messages(&after, &last);
    assert_eq!(lines(&told), ["after 1", "after 2"]);
    let answer = told.last().expect("the answer");
    assert_eq!((&answer["id"], text(answer)), (&call, "done"));
    // From its beginning it is the same again: the answer is kept for a while.
    let all = rest(client.listen(Some(id(&first))).expect("a stream"));
    assert_eq!(messages(&all, id(&first)).len(), 6, "{all:?}");
    assert!(rest(client.listen(all.last().map(id)).expect("a stream")).is_empty(), "behind the answer is nothing");
}

#[test]
fn a_broken_connection_is_no_cancellation_and_loses_nothing() {
    let house = House::new().with(&Plugin::guest("progress"));
    let server = house.serve();
    let mut client = server.client(Era::Legacy);
    let work = json!({"name": "progress_run", "arguments": {"steps": 5, "pause_ms": 100}});
    let (_, mut events) = client.begin("tools/call", work);
    let (first, second) = (read(&mut events), read(&mut events));
    assert_eq!(lines(&messages(std::slice::from_ref(&second), id(&first))), ["step 1"]);
    drop(events);
    let after = rest(client.listen(Some(id(&second))).expect("a stream"));
    let told = messages(&after, id(&second));
    assert_eq!(lines(&told), ["step 2", "step 3", "step 4", "step 5"]);
    assert_eq!(text(told.last().expect("the answer")), "5 steps");
}

#[test]
fn who_comes_back_takes_over_from_a_connection_that_looks_alive() {
    let house = House::new().with(&Plugin::guest("progress"));
    let server = house.serve();
    let mut client = server.client(Era::Legacy);
    let work = json!({"name": "progress_run", "arguments": {"steps": 3, "pause_ms": 1_000}});
    let (_, mut older) = client.begin("tools/call", work);
    let first = read(&mut older);
    let newer = rest(client.listen(Some(id(&first))).expect("a stream"));
    assert_eq!(messages(&newer, id(&first)).len(), 4, "{newer:?}");
    let left: Vec<Event> = rest(older);
    assert!(left.iter().all(|event| !message(event)["result"].is_object()), "told twice: {left:?}");
}

#[test]
fn older_clients_get_ids_and_no_event_without_data() {
    let (_house, server) = polling();
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18"] {
        let mut client = Client::of_revision(server.address(), revision);
        let (call, events) = client.begin("tools/call", work());
        let events = rest(events);
        let first = id(&events[0]).to_owned();
        let told: Vec<Value> = events.iter().map(message).collect();
        assert!(first.ends_with(".1"), "{revision}: {first}");
        assert_eq!(lines(&told).len(), 5, "{revision}: closed under nobody: {told:?}");
        let answer = told.last().expect("the answer");
        assert_eq!((&answer["id"], text(answer)), (&call, "done"), "{revision}");
        let again = rest(client.listen(Some(&first)).expect("a stream"));
        assert_eq!(messages(&again, &first).len(), 5, "{revision}");
    }
}

#[test]
fn a_call_that_only_answers_is_one_message_and_no_stream() {
    let house = super::plain();
    let server = house.serve();
    let client = server.client(Era::Legacy);
    let call = client.message("tools/call", json!({"name": "echo_run", "arguments": {"text": "a"}}));
    let response = server.exchange(&client.http_request(&call));
    assert_eq!(response.head.header("content-type"), Some("application/json"));
}

#[test]
fn modern_streams_have_no_ids_and_are_not_closed() {
    let (_house, server) = polling();
    let mut client = server.client(Era::Modern);
    client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("info"));
    let (_, events) = client.begin("tools/call", work());
    let events = rest(events);
    assert!(events.iter().all(|event| event.id.is_none() && event.retry.is_none()), "{events:?}");
    assert_eq!(events.len(), 6);
}

#[test]
fn an_event_is_known_to_its_own_session_alone() {
    let (_house, server) = polling();
    let (mut client, mut other) = (server.client(Era::Legacy), server.client(Era::Legacy));
    let (_, mut events) = client.begin("tools/call", work());
    let first = id(&read(&mut events)).to_owned();
    let (_, mut others) = other.begin("tools/call", work());
    read(&mut others);
    assert_eq!(refused(&other, &first), 404, "another session's");
    let stream = first.trim_end_matches(".0");
    for unknown in ["0.0", "made up", &format!("{stream}.99"), stream, &format!("{stream}.-1"), &format!("{stream}.00")]
    {
        assert_eq!(refused(&client, unknown), 404, "{unknown}");
    }
    assert_eq!(refused(&client, &first), 200);
    assert_eq!(client.end(), 204);
    assert_eq!(refused(&client, &first), 404);
}

#[test]
fn what_fell_out_is_refused_and_never_told_in_part() {
    let house = House::new().with(&Plugin::guest("progress").limits(json!({"log": "1MiB", "time": "60s"})));
    let server = house.serve();
    let mut client = server.client(Era::Legacy);
    // More than the 256 messages that a stream keeps.
    let work = json!({"name": "progress_run", "arguments": {"steps": 400, "pause_ms": 5}});
    let (_, mut events) = client.begin("tools/call", work);
    let first = read(&mut events);
    let all = rest(events);
    assert!(all.len() > 300, "{}", all.len());
    let fell_out = &all[all.len() - 300];
    for gone in [id(&first), id(fell_out)] {
        assert_eq!(refused(&client, gone), 404, "{gone}");
    }
    let kept = id(&all[all.len() - 200]);
    assert_eq!(messages(&rest(client.listen(Some(kept)).expect("a stream")), kept).len(), 199);
}

#[test]
fn a_question_is_asked_again_on_the_stream_that_comes_after() {
    let house = House::new().with(&Plugin::guest("elicit"));
    let server = house.serve();
    let mut client = server.client(Era::Legacy);
    client.initialize(json!({"elicitation": {}}));
    let (call, mut events) = client.begin("tools/call", json!({"name": "elicit_run", "arguments": {}}));
    let first = read(&mut events);
    let question = message(&read(&mut events));
    assert_eq!(question["method"], "elicitation/create");
    drop(events);
    let mut again = client.listen(Some(id(&first))).expect("a stream");
    let asked = read(&mut again);
    assert_eq!(message(&asked), question);
    client.respond(&question, json!({"action": "accept", "content": {"name": "Ada"}}));
    let told = messages(&rest(again), id(&asked));
    assert_eq!((&told[0]["id"], text(&told[0])), (&call, "Hello, Ada!"));
}

/// A call that changes the list of tools on the way.
fn change(client: &mut Client) {
    assert!(client.call("polling_change", json!({})).is_ok());
}

#[test]
fn news_waits_for_a_client_that_comes_back() {
    let (_house, server) = polling();
    let mut client = server.client(Era::Legacy);
    let mut events = client.listen(None).expect("a stream");
    let first = read(&mut events);
    assert_eq!(first.data.as_deref(), Some(""));
    change(&mut client);
    let second = read(&mut events);
    let told = messages(std::slice::from_ref(&second), id(&first));
    assert_eq!(told[0]["method"], "notifications/tools/list_changed");
    drop(events);
    change(&mut client);
    let mut again = client.listen(Some(id(&first))).expect("a stream");
    let (mut last, mut count) = (first, 0);
    // Two calls, each of which hides a tool and shows it again: one word a call.
    while count < 2 {
        let event = read(&mut again);
        assert_eq!(messages(std::slice::from_ref(&event), id(&last))[0]["method"], "notifications/tools/list_changed");
        (last, count) = (event, count + 1);
    }
    // News is told on one stream: a new one takes its place. A guest that is kept waiting in a call has two words for it.
    let mut newer = client.listen(None).expect("a stream");
    let left = rest(again);
    assert!(left.iter().all(|event| message(event)["method"] == "notifications/tools/list_changed"), "{left:?}");
    assert_eq!(refused(&client, id(&last)), 404, "nothing is kept of the older one");
    let newest = read(&mut newer);
    change(&mut client);
    assert_eq!(messages(&[read(&mut newer)], id(&newest)).len(), 1);
}

#[test]
fn a_deleted_session_ends_its_calls_and_streams() {
    let house = House::new().with(&Plugin::guest("polling").limits(json!({"concurrency": 1, "time": "60s"})));
    let server = house.serve();
    let mut client = server.client(Era::Legacy);
    let long = json!({"name": "polling_run", "arguments": {"before": 1, "after": 1, "pause_ms": 50_000}});
    let (_, mut events) = client.begin("tools/call", long);
    read(&mut events);
    let news = client.listen(None).expect("a stream");
    assert_eq!(client.end(), 204);
    let left = rest(events);
    assert!(left.iter().all(|event| event.retry.is_some() || !message(event)["result"].is_object()), "{left:?}");
    assert_eq!(rest(news).len(), 1, "the place that it began at");
    assert_eq!(client.end(), 404);
    let mut other = server.client(Era::Modern);
    let short = json!({"before": 0, "after": 0, "pause_ms": 1});
    wait_until("its place is free", || other.call("polling_run", short.clone()).is_ok());
}

#[test]
fn a_session_is_what_was_sealed_for_its_principal_and_is_here() {
    let (house, server) = super::served();
    let client = server.client(Era::Legacy);
    let list = client.http_request(&client.message("tools/list", json!({})));
    let session = client.session().expect("a session").to_owned();
    assert!(session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{session}");
    assert_eq!(server.exchange(&list).head.status, 200);
    for at in [0, session.len() / 2, session.len() - 1] {
        let mut touched = session.clone().into_bytes();
        touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
        let touched = String::from_utf8(touched).expect("text");
        assert_eq!(server.exchange(&list.clone().header("MCP-Session-Id", &touched)).head.status, 404, "{at}");
    }
    drop(server);
    // The same key, so that it opens; and nothing is there.
    let server = house.serve();
    assert_eq!(server.exchange(&list).head.status, 404);
    let mut again = server.client(Era::Legacy);
    assert!(again.call("echo_run", json!({"text": "a"})).is_ok());
}

#[test]
fn a_batch_is_refused_in_words() {
    let (_house, server) = super::served();
    let client = Client::of_revision(server.address(), "2025-03-26");
    let mut batch = client.http_request(&client.message("tools/list", json!({})));
    batch.body = [b"[".as_slice(), &batch.body, b"]"].concat();
    let response = Connection::open(server.address()).and_then(|mut connection| connection.exchange(&batch));
    let response = response.expect("an answer");
    let told: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!((response.head.status, &told["error"]["code"]), (400, &json!(-32600)));
    assert_eq!(told["error"]["message"], "expected one message: batches are not taken");
}

#[test]
fn a_stream_takes_a_session_and_an_accepting_client() {
    let (_house, server) = super::served();
    let client = server.client(Era::Legacy);
    let get = |request: Request| {
        server.exchange(&Request { method: "GET".to_owned(), body: Vec::new(), ..request }).head.status
    };
    let request = client.http_request(&Value::Null);
    assert_eq!(get(request.clone().without("MCP-Session-Id")), 400);
    assert_eq!(get(request.clone().header("MCP-Session-Id", "made-up")), 404);
    assert_eq!(get(request.clone().header("Accept", "application/json")), 406);
    assert_eq!(get(request.header("MCP-Protocol-Version", "2026-07-28")), 405);
}
