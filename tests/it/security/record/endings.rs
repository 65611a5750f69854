use serde_json::{Value, json};

use super::{call_id, end, entries, holds, of_call, of_kind, serve};
use crate::harness::{Era, House, Plugin, http::Request};

const ALICE: &str = "key-of-alice-who-may-call-every-tool-here";
/// The guests of the house.
const GUESTS: [&str; 5] = ["echo", "trap", "elicit", "progress", "many"];
const BOB: &str = "key-of-bob-who-may-call-nothing-of-it-all";

fn house() -> House {
    let house = GUESTS.iter().fold(House::new(), |house, guest| house.with(&Plugin::guest(guest)));
    house
        .set("audit", json!({"mode": "record"}))
        .set("allowAnonymous", json!(false))
        .set("scopes", json!({"all": ["*", {"resource": "**", "access": ["read", "list"]}, {"prompt": "*"}]}))
        .set(
            "apiKeys",
            json!([{"name": "alice", "key": ALICE, "scopes": ["all"]}, {"name": "bob", "key": BOB, "scopes": []}]),
        )
}

fn kinds(entries: &[&Value]) -> Vec<String> {
    entries.iter().map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_ending_has_its_record() {
    let house = house();
    let server = serve(&house, &GUESTS);
    let mut alice = server.client_with_key(Era::Modern, ALICE);
    let echoed = call_id(&alice.call("echo_run", json!({"text": "a"})));
    assert!(!alice.call("echo_run", json!({"text": 1})).is_ok());
    assert!(!alice.call("trap_run", json!({})).is_ok());
    let denied = server.client_with_key(Era::Modern, BOB).call("echo_run", json!({"text": "a"}));
    assert_eq!(denied.status, 403, "{denied:?}");
    for _ in 0..3 {
        let stranger = server.exchange(&Request::mcp("POST", "{}").header("Authorization", "Bearer nobodys-key"));
        assert_eq!(stranger.head.status, 401);
    }
    end(server);
    holds(&house);
    let entries = entries(&house);
    assert_eq!(of_kind(&entries, "start").len(), 1);
    assert_eq!(of_kind(&entries, "stop").len(), 1);

    let echoed = of_call(&entries, &echoed);
    assert_eq!(kinds(&echoed), ["intent", "outcome"]);
    let (intent, outcome) = (echoed[0], echoed[1]);
    assert_eq!((&intent["principal"], &intent["item"]), (&json!("alice"), &json!("echo.run")));
    assert_eq!((&intent["method"], &intent["arguments"]["bytes"]), (&json!("tools/call"), &json!(12)));
    assert!(intent["arguments"]["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")), "{intent}");
    assert!(intent["digest"].is_string() && intent["contract"].is_string(), "{intent}");
    assert_eq!((&outcome["outcome"], &outcome["digest"]), (&json!("answered"), &intent["digest"]));
    assert!(outcome["micros"].is_u64() && outcome["memory"].as_u64() > Some(0), "{outcome}");
    assert!(outcome["result"]["digest"].is_string(), "{outcome}");

    let outcomes: Vec<&Value> = of_kind(&entries, "outcome").into_iter().map(|entry| &entry["outcome"]).collect();
    assert_eq!(outcomes, ["answered", "invalid", "trap"]);
    let decisions = of_kind(&entries, "decision");
    let scope = decisions.iter().find(|entry| entry["principal"] == "bob").expect("bob was denied");
    assert_eq!((&scope["allowed"], &scope["item"]), (&json!(false), &json!("echo.run")));
    let strangers: u64 = decisions.iter().filter_map(|entry| entry["count"].as_u64()).sum();
    assert_eq!((strangers, decisions.len()), (3, 3), "the first at once, the others together: {decisions:?}");
    let changes = of_kind(&entries, "change");
    assert_eq!(changes.iter().filter(|change| change["state"] == "loaded").count(), 5, "{changes:?}");
}

#[test]
fn a_question_and_what_is_said_on_the_way_are_on_the_record() {
    let house = house();
    let server = serve(&house, &GUESTS);
    let mut modern = server.client_with_key(Era::Modern, ALICE);
    modern.capabilities = json!({"elicitation": {"form": {}}});
    let asked = modern.call("elicit_run", json!({}));
    let id = call_id(&asked);
    assert!(asked.result()["inputRequests"].is_object(), "{asked:?}");
    let mut legacy = server.client_with_key(Era::Legacy, ALICE);
    let params = json!({
        "name": "progress_run", "arguments": {"steps": 2, "pause_ms": 1}, "_meta": {"progressToken": "t"},
    });
    let worked = call_id(&legacy.request("tools/call", params));
    // What is on the record is what was read back, also while the server runs.
    let read = entries(&house);
    let asked = of_call(&read, &id);
    assert_eq!(kinds(&asked), ["intent", "outcome"]);
    assert_eq!(asked[1]["outcome"], "input_required");
    let worked = of_call(&read, &worked);
    let said: Vec<&Value> = worked.iter().filter(|entry| entry["kind"] == "said").map(|entry| &entry["what"]).collect();
    assert!(said.contains(&&json!("progress")) && said.contains(&&json!("log")), "{worked:?}");
    assert_eq!(kinds(&worked).last().map(String::as_str), Some("outcome"));
    end(server);
    holds(&house);
}

#[test]
fn the_guides_record_id_leads_to_the_entries() {
    let house = house();
    let server = serve(&house, &GUESTS);
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "mcp.tool.invoke",
        "params": {"toolId": "echo.run", "args": {"text": "a"}},
    });
    let request = Request::mcp("POST", message.to_string()).header("Authorization", &format!("Bearer {ALICE}"));
    let answer: Value = serde_json::from_slice(&server.exchange(&request).body).expect("an answer");
    let id = answer["result"]["metadata"]["recordId"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let read = entries(&house);
    let found = of_call(&read, id);
    assert_eq!(kinds(&found), ["intent", "outcome"]);
    assert_eq!(found[0]["method"], "mcp.tool.invoke");
    assert_eq!(found[0]["contract"], answer["result"]["metadata"]["contractDigest"]);
}

#[test]
fn a_plugin_that_is_denied_again_and_again_is_an_alert() {
    let asks = "[[asks.http]]\nscheme = \"http\"\nhost = \"*\"\n";
    let house = House::new().with(&Plugin::guest("fetch").asks(asks)).set("audit", json!({"mode": "record"}));
    let server = serve(&house, &["fetch"]);
    let mut client = server.client(Era::Modern);
    for _ in 0..40 {
        assert!(!client.call("fetch_run", json!({"url": "http://10.1.2.3/"})).is_ok());
    }
    server.lines().wait_for(&["alert=\"denied\""]);
    end(server);
    let entries = entries(&house);
    let denied = of_kind(&entries, "decision");
    assert_eq!(denied.len(), 40);
    assert_eq!((&denied[0]["capability"], &denied[0]["plugin"]), (&json!("http"), &json!("fetch")));
    assert_eq!(of_kind(&entries, "alert").len(), 1, "once in a while");
}

#[test]
fn without_a_record_there_is_none() {
    let house = house().set("audit", json!({"mode": "off"}));
    let server = serve(&house, &GUESTS);
    assert!(server.client_with_key(Era::Modern, ALICE).call("echo_run", json!({"text": "a"})).is_ok());
    end(server);
    assert!(!house.join("audit").exists());
    assert!(!house.join("state/audit.key").exists());
}
