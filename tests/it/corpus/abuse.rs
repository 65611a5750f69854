//! What breaks the rules of the canonical ABI, and JSON that is none.

use serde_json::json;

use super::{
    run::house,
    table::{Behaviour, Freed, Group, Look, behaviour},
};
use crate::harness::Plugin;

const CRASHED: &str = "failed: the tool crashed";

/// Deeper than any reader that calls itself for each level has stack for.
const ABYSS: usize = 100_000;

/// Kinds of `tests/guests/hostile_abi.rs`, what each comes to, and what it comes to when put right.
const KINDS: [(&str, &str, &str); 22] = [
    ("string_outside", "a text outside of memory", "got: a text"),
    ("string_past_the_end", "a text past the end of memory", "got: a text"),
    ("string_wraps", "a text whose end wraps around", "got: a text"),
    ("string_not_utf8", "a text that is not UTF-8", "got: a text"),
    ("string_surrogate", "a text with a surrogate", "got: a text"),
    ("structured_outside", "JSON outside of memory", "got: a value"),
    ("argument_outside", "an argument outside of memory", "got: through"),
    ("argument_not_utf8", "an argument that is not UTF-8", "got: through"),
    ("enum_out_of_range", "a level that there is not", "got: through"),
    ("option_out_of_range", "an option that is neither", "got: through"),
    ("handle_forged", "a handle that was made up", "got: through"),
    ("handle_zero", "the handle nought", "got: through"),
    ("handle_after_drop", "a handle after its drop", "got: through"),
    ("handle_dropped_twice", "a handle dropped twice", "got: through"),
    ("handle_of_another_type", "a handle of another type", "got: through"),
    ("realloc_outside", "an allocation outside of memory", "got: through"),
    ("realloc_traps", "an allocator that traps", "got: through"),
    ("realloc_calls", "a call in the middle of an allocation", "got: through"),
    ("post_return_calls", "a call after the last word", "got: the last word"),
    ("unreachable", "an instruction that must not be reached", "got: through"),
    ("read_outside", "reading outside of memory", "got: through"),
    ("indirect_outside", "a call of no function", "got: through"),
];

pub fn abi() -> Group {
    let house = house().with(&Plugin::guest("hostile_abi"));
    let kind = |(kind, name, shows): &(&str, &'static str, &str)| {
        let freed = Freed::Engines(json!({"kind": kind, "proper": true}), (*shows).to_owned());
        behaviour(name, ("hostile-abi", "run"), json!({"kind": kind}), CRASHED, freed)
    };
    Group { name: "ABI abuse", house, behaviours: KINDS.iter().map(kind).collect(), untouched: Box::new(|_| {}) }
}

pub fn json_text() -> Group {
    let house = house().with(&Plugin::guest("hostile_words")).with(&Plugin::guest("bad_output"));
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    let abyss = format!("{{\"a\":{}1{}}}", "[".repeat(ABYSS), "]".repeat(ABYSS));
    let texts: [(&'static str, &str, &str); 15] = [
        ("one key twice", r#"{"a":1,"a":2}"#, "denied: refused"),
        ("one key twice, once in escapes", r#"{"a":1,"\u0061":2}"#, "denied: refused"),
        ("half a surrogate pair", r#"{"a":"\ud800"}"#, "denied: refused"),
        ("nesting without end", &deep, "denied: refused"),
        ("nesting a hundred thousand deep", &abyss, "denied: refused"),
        ("no number", r#"{"a":NaN}"#, "denied: refused"),
        ("a number without end", r#"{"a":-Infinity}"#, "denied: refused"),
        ("a number with a nought before it", r#"{"a":01}"#, "denied: refused"),
        ("a comment", r#"{"a":1/*,"b":2*/}"#, "denied: refused"),
        ("an escape that there is not", r#"{"a":"\x41"}"#, "denied: refused"),
        ("a second value behind the first", r#"{"a":1},"isError":false,"b":{"c":2}"#, "denied: refused"),
        ("a raw control character", "{\"a\":\"\u{1}\"}", "denied: refused"),
        ("no JSON at all", "no JSON", "denied: refused"),
        ("half an object", r#"{"a":[1,2"#, "denied: refused"),
        ("line breaks between the tokens", "{\"a\":1,\n\n\"b\":2}", "denied: tidied"),
    ];
    let spliced = |(name, text, held): &(&'static str, &str, &str)| -> Behaviour {
        let freed = Freed::Without("json", "got: spliced".to_owned());
        behaviour(name, ("hostile-words", "answer"), json!({"text": text}), held, freed).looking(Look::Spliced)
    };
    let mut behaviours: Vec<Behaviour> = texts.iter().map(spliced).collect();
    let unfit = "failed: the plugin's answer makes no sense";
    let freed = Freed::Without("schema", "three".to_owned());
    behaviours.push(behaviour(
        "an answer that breaks its schema",
        ("bad-output", "run"),
        json!({"honest": false}),
        unfit,
        freed,
    ));
    Group { name: "malformed JSON", house, behaviours, untouched: Box::new(|_| {}) }
}
