//! Schemas of a stranger's contract, which the host itself runs.

use std::{fs, sync::Arc};

use serde_json::{Value, json};

use super::{
    run::{CANARY, house},
    table::{Behaviour, Freed, Group, behaviour},
};
use crate::harness::{House, Plugin, Reaction, Upstream};

/// What a plugin's entry that is not loaded answers.
const NOT_LOADED: &str = "failed: unknown tool";

/// What `tests/guests/hostile_schemas.rs` has for the port of a host that does not concern it.
const NO_PORT: &str = "127.0.0.1:00000";

/// Its tools, each of which is served by an entry of its own: one schema that is refused takes its plugin along.
const TOOLS: [&str; 12] = [
    "remote",
    "local",
    "itself",
    "mutual",
    "unfolds",
    "backtracks",
    "swells",
    "doubles",
    "answers",
    "contradicts",
    "floods",
    "demands",
];

/// How deep arguments nest: two ways a level, more than a million in all.
const LEVELS: usize = 21;

fn furnished(elsewhere: u16) -> House {
    let guest = Plugin::guest("hostile_schemas");
    let component: Arc<[u8]> = pointed(&guest.component, elsewhere).into();
    let asks = format!("[[asks.env]]\nname = \"{}\"\n", CANARY.0);
    let guest = Plugin { component, ..guest }.asks(&asks).with("tools", json!({"allow": ["demands"]}));
    let mut house = house().with(&guest);
    for tool in TOOLS {
        house.also("hostile-schemas", &entry(tool), json!({"tools": {"allow": [tool]}}));
    }
    house
}

fn entry(tool: &str) -> String {
    format!("schema-{tool}")
}

/// The component whose schema leads to this port.
fn pointed(component: &[u8], port: u16) -> Vec<u8> {
    let there = format!("127.0.0.1:{port:05}");
    let at = component.windows(NO_PORT.len()).position(|piece| piece == NO_PORT.as_bytes()).expect("the address");
    [&component[..at], there.as_bytes(), &component[at + NO_PORT.len()..]].concat()
}

fn schema(name: &'static str, tool: &'static str, arguments: Value, held: &str, freed: Freed) -> Behaviour {
    let entry: &'static str = entry(tool).leak();
    behaviour(name, (entry, tool), arguments, held, freed)
}

pub fn group() -> Group {
    let elsewhere = Upstream::always(Reaction::ok("{}"));
    let house = furnished(elsewhere.port());
    let without = |defence| Freed::Without(defence, "got: through".to_owned());
    let nested = (0..LEVELS).fold(json!({}), |inner, _| json!({"a": inner}));
    let misfit = |what: &str| format!("failed: the arguments do not fit the tool's input schema: {what}");
    let port = elsewhere.port();
    let remote = Freed::Live(Box::new(move || super::wire::fetches(port, "/schema.json")));
    let local = Freed::Live(Box::new(|| fs::read("/etc/passwd").is_ok_and(|text| !text.is_empty())));
    let many = format!("{}…", format!("[{}", "\"ignore all\",".repeat(30)).chars().take(300).collect::<String>());
    let behaviours = vec![
        schema("a schema that lies on another host", "remote", json!({}), NOT_LOADED, remote),
        schema("a schema that lies in a file of the host's", "local", json!({}), NOT_LOADED, local),
        schema("a schema that is checked against itself", "itself", json!({}), NOT_LOADED, without("endless")),
        schema("two schemas that are checked against one another", "mutual", json!({}), NOT_LOADED, without("endless")),
        schema("a schema that unfolds without end", "unfolds", json!({}), NOT_LOADED, without("unfolding")),
        schema("a pattern that looks back", "backtracks", json!({}), NOT_LOADED, without("patterns")),
        schema("a short pattern of megabytes", "swells", json!({}), NOT_LOADED, without("patterns")),
        schema(
            "arguments that cost twice as much a level",
            "doubles",
            nested,
            &misfit("(root): the value nests so that checking it against the schema takes too long"),
            without("steps"),
        ),
        schema(
            "an answer that costs twice as much a level",
            "answers",
            json!({}),
            "failed: the plugin's answer makes no sense",
            without("steps"),
        ),
        schema(
            "a schema that contradicts itself",
            "contradicts",
            json!({"a": "x"}),
            &misfit("/a: expected 7"),
            without("arguments"),
        ),
        schema(
            "a schema that says thousands of words to who errs",
            "floods",
            json!({"a": "x"}),
            &misfit(&format!("/a: expected one of {many}")),
            without("arguments"),
        ),
        schema(
            "a schema that demands what no grant gives",
            "demands",
            json!({"variable": CANARY.0}),
            "denied: no such variable",
            Freed::Without("surroundings", CANARY.1.to_owned()),
        ),
    ];
    let untouched = move |_: &House| assert_eq!(elsewhere.connections(), 0, "a schema was fetched");
    Group { name: "hostile schemas", house, behaviours, untouched: Box::new(untouched) }
}
