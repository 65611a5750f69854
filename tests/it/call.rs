//! `bulkhead call`, as a script uses it: forms are answered on the command line.

use serde_json::Value;

use crate::harness::{
    House, Plugin,
    binary::{Ran, run},
};

const TOOL: &str = "test_input_required_result_elicitation";

fn house() -> House {
    House::new().with(&Plugin::real("everything").with("prefix", "".into()))
}

fn call(house: &House, tool: &str, more: &[&str]) -> Ran {
    run(house.path(), &[&["call", tool], more, &["--config", "mcp.yaml", "--json"]].concat())
}

fn text(ran: &Ran) -> String {
    let result: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    result["content"][0]["text"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_tools_forms_are_answered_round_after_round() {
    let house = house();
    let one = call(&house, TOOL, &["--answers", r#"{"user_name": {"name": "Alice"}}"#]);
    assert_eq!((one.code, text(&one)), (0, "Hello, Alice!".to_owned()), "{one:#?}");
    let answers = r#"{"step1": {"name": "Alice"}, "step2": {"color": "red"}}"#;
    let two = call(&house, "test_input_required_result_multi_round", &["--answers", answers]);
    assert_eq!((two.code, text(&two)), (0, "Alice likes red".to_owned()), "{two:#?}");
    // Nothing is asked, and nothing else is different.
    let none = call(&house, "greet", &[r#"{"name": "Bob"}"#, "--answers", "{}"]);
    assert_eq!((none.code, text(&none)), (0, "Hello, Bob!".to_owned()), "{none:#?}");
    let header = call(&house, "test_custom_header", &[r#"{"region": "eu"}"#, "--answers", "{}"]);
    assert_eq!((header.code, text(&header)), (0, "region: eu".to_owned()), "{header:#?}");
}

#[test]
fn an_answer_that_is_missing_or_does_not_fit_is_refused() {
    let house = house();
    for (answers, told) in [
        ("{}", "the tool asks \"user_name\", and --answers has no such member"),
        (r#"{"user_name": {}}"#, "the answer to \"user_name\" does not fit"),
        (r#"{"user_name": {"name": 5}}"#, "the answer to \"user_name\" does not fit"),
        ("[]", "--answers is no JSON object"),
        ("{", "--answers is no JSON object"),
    ] {
        let ran = call(&house, TOOL, &["--answers", answers]);
        assert!(ran.code != 0 && ran.stderr.contains(told), "{answers}: {ran:#?}");
    }
}

#[test]
fn without_a_terminal_nobody_can_be_asked() {
    let ran = call(&house(), TOOL, &[]);
    assert!(ran.code != 0 && !ran.stdout.contains("Hello"), "{ran:#?}");
}
