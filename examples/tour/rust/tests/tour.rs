//! The tour without a host.

use bulkhead_sdk::prelude::*;
use tour::{Plugin, add, ask, count, facts, fail, greet, introduce, stop, tones};

fn said<T: bulkhead_sdk::tool::Tool>(harness: &Harness, arguments: Value) -> Result<String> {
    harness.tool::<T>(arguments).map(|answer| answer.all_text())
}

#[test]
fn greets_as_asked() {
    let harness = Harness::new();
    assert_eq!(said::<greet>(&harness, json!({"name": "Ada"})), Ok("Hello, Ada.".to_owned()));
    assert_eq!(said::<greet>(&harness, json!({"name": "日本", "excited": true})), Ok("Hello, 日本!".to_owned()));
}

#[test]
fn adds_up_to_the_limits_of_64_bits() {
    let sum = |a: i64, b: i64| Harness::new().tool::<add>(json!({"a": a, "b": b})).map(|answer| answer.structured);
    assert_eq!(sum(i64::MAX, -1), Ok(Some(format!(r#"{{"sum":{}}}"#, i64::MAX - 1))));
    assert!(matches!(sum(i64::MAX, 1), Err(Error::Invalid(_))));
}

#[test]
fn counts_aloud_until_the_caller_gives_up() {
    let harness = Harness::new();
    assert_eq!(said::<count>(&harness, json!({"to": 3})), Ok("3".to_owned()));
    let told = harness.recorded();
    let steps: Vec<_> = told.progress.iter().map(|step| (step.progress, step.total, step.message.as_deref())).collect();
    assert_eq!(steps, [(1.0, Some(3.0), Some("1")), (2.0, Some(3.0), Some("2")), (3.0, Some(3.0), Some("3"))]);
    assert_eq!((told.log.len(), told.log[0].level, &told.log[0].data), (1, LogLevel::Info, &json!("counted to 3")));
    let given_up = Harness::new().cancelled();
    assert!(said::<count>(&given_up, json!({"to": 3})).is_err());
    assert_eq!(given_up.recorded().progress, []);
}

#[test]
fn asks_for_a_name() {
    let named = Harness::new().accept("who", json!({"name": "Ada"}));
    assert_eq!(said::<ask>(&named, json!({})), Ok("Hello, Ada.".to_owned()));
    for action in ["decline", "cancel"] {
        let silent = Harness::new().answer("who", json!({"action": action}));
        assert_eq!(said::<ask>(&silent, json!({})), Ok("Nobody.".to_owned()));
    }
}

#[test]
fn fails_for_the_model_to_read() {
    let failed = Harness::new().tool::<fail>(json!({})).map(|answer| (answer.is_error, answer.all_text()));
    assert_eq!(failed, Ok((true, "this tool always fails".to_owned())));
}

#[test]
fn has_five_stops() {
    assert!(Harness::new().resource::<facts>().is_ok());
    assert!(Harness::new().template::<stop>("tour://stops/5").is_ok());
    for none in ["tour://stops/0", "tour://stops/6", "tour://stops/one"] {
        assert!(matches!(Harness::new().template::<stop>(none), Err(Error::NotFound(_))), "{none}");
    }
}

#[test]
fn introduces_in_a_tone() {
    let introduced = |arguments| Harness::new().prompt::<introduce>(arguments).map(|prompt| prompt.messages);
    let friendly = vec![Message::user("Introduce Ada in a friendly way.")];
    assert_eq!(introduced(&[("name", "Ada")]), Ok(friendly));
    let funny = vec![Message::user("Introduce Ada in a funny way.")];
    assert_eq!(introduced(&[("name", "Ada"), ("tone", "funny")]), Ok(funny));
    let typed = |typed| Harness::new().complete::<tones>(typed, &[]).map(|completion| completion.values.join(" "));
    assert_eq!(typed("f"), Ok("formal friendly funny".to_owned()));
    assert_eq!(typed("fr"), Ok("friendly".to_owned()));
}

#[test]
fn offers_what_the_tour_has() {
    let contract = Harness::new().contract::<Plugin>();
    let tools: Vec<&str> = contract.tools.iter().map(|tool| tool.name).collect();
    assert_eq!(tools, ["greet", "add", "count", "ask", "title", "fail"]);
}
