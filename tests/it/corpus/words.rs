//! Floods of output and log lines, names that are somebody else's, and what a plugin was not told.

use std::fs;

use serde_json::{Value, json};

use super::{
    run::{CANARY, Counts, NEIGHBOUR, house},
    table::{Freed, Group, Look, behaviour},
};
use crate::harness::{Era, House, Plugin};

const ASKS: &str = "[[asks.http]]\nhost = \"*\"\n";

/// Lines that a flood has: as many as wait to be passed on in each of three ways, so that none falls out for want of room.
const LINES: usize = 30;

/// How a line of it comes to the server's log: printed to both outputs.
const WAYS: usize = 2;

/// Lines of 200 bytes that a kibibyte has room for, begun ones included.
const FITTING: usize = 6;

fn few() -> &'static str {
    "denied: few"
}

pub fn floods() -> Group {
    let mut house = house()
        .with(&Plugin::guest("flood_output").limits(json!({"output": "64KiB", "memory": "64MiB"})))
        .with(&Plugin::guest("flood_log").limits(json!({"log": "1KiB", "cpu": "20s"})))
        .with(&Plugin::guest("hostile_words").asks(ASKS).limits(json!({"cpu": "20s", "time": "60s"})));
    house.also("flood-output", "flood-larger", json!({"limits": {"output": "8MiB"}}));
    house.also("flood-log", "flood-longer", json!({"limits": {"log": "1MiB"}}));
    // All that was said, in each of the ways: of a hundred lines none is missing.
    let longer = |ways: usize| Freed::Setting("flood-longer", format!("got: {}", ways * LINES));
    let without = |defence| Freed::Without(defence, "got: ".to_owned());
    let lines = |mark: &str| json!({"lines": LINES, "bytes": 200, "mark": mark});
    let large = Freed::Setting("flood-larger", "got: 2000000 bytes".to_owned());
    let behaviours = vec![
        behaviour(
            "an answer of megabytes",
            ("flood-output", "run"),
            json!({"bytes": 2_000_000}),
            "failed: the answer is too large",
            large,
        ),
        behaviour("log lines for the client", ("flood-log", "run"), lines("to-the-client"), few(), longer(1))
            .looking(Look::Told("to-the-client", FITTING)),
        behaviour("lines for the server's log", ("flood-log", "run"), lines("to-the-log"), few(), longer(WAYS))
            .looking(Look::Logged("to-the-log", FITTING)),
        behaviour(
            "progress without end",
            ("hostile-words", "progress"),
            json!({"count": 100}),
            few(),
            without("progress"),
        )
        .looking(Look::Progress(30)),
        behaviour(
            "denials that fill the log",
            ("hostile-words", "denials"),
            json!({"count": 60}),
            few(),
            without("denials"),
        )
        .looking(Look::Logged("no grant for it", 20)),
    ];
    Group { name: "output and log floods", house, behaviours, untouched: Box::new(|_| {}) }
}

/// An inbox with a plugin that calls itself `echo`, and one that has a name of its own.
pub fn names() -> Group {
    let words = Plugin::guest("hostile_words");
    let mut house = house().with(&words).with(&Plugin::guest("mirror")).set("pluginDir", json!("inbox"));
    house.also("hostile-words", "nameless", json!({"prefix": ""}));
    house.also("mirror", "mirror-two", json!({}));
    fs::create_dir(house.join("inbox")).expect("a folder");
    for name in ["echo", "single-use"] {
        let signed = house.sign(&Plugin { name: name.to_owned(), ..words.clone() });
        fs::write(house.join("inbox").join(format!("{name}.wasm")), signed).expect("a file");
    }
    let text = || json!({"text": "{}"});
    let own = |entry, shows: &str| Freed::Setting(entry, shows.to_owned());
    let unknown = "failed: unknown tool";
    let behaviours = vec![
        behaviour(
            "the URI scheme of another plugin",
            ("mirror-two", "seen"),
            json!({}),
            unknown,
            own("mirror", "meta"),
        ),
        behaviour(
            "no prefix, and a tool called like another's",
            ("", "answer"),
            text(),
            unknown,
            own("hostile-words", "answered"),
        ),
        behaviour(
            "a file in the inbox with another's name",
            ("echo", "echo_run"),
            json!({}),
            unknown,
            own("single-use", "got: the caller's words"),
        ),
    ];
    Group { name: "name shadowing", house, behaviours, untouched: Box::new(|_| {}) }
}

pub fn secrets() -> Group {
    let asks = format!("[[asks.env]]\nname = \"{}\"\n[[asks.env]]\nname = \"GRANTED\"\n", CANARY.0);
    let mut house = house()
        .with(&Plugin::guest("hostile_words").asks(&asks))
        .with(&Plugin::guest("kv_probe").asks("[asks.kv]\nwhy = \"remembers\"\n").grants(json!({"kv": true})));
    house.also("hostile-words", "words-given", json!({"grants": {"env": {"GRANTED": "for this plugin"}}}));
    house.also("kv-probe", "kv-shared", json!({"grants": {"kv": "shared"}}));
    confide(&house);
    let variable = |name: &str| json!({"text": name});
    let without = |shows: &str| Freed::Without("surroundings", shows.to_owned());
    let none = "denied: no such variable";
    let kept = Freed::Setting("kv-shared", "the neighbour's".to_owned());
    let behaviours = vec![
        behaviour(
            "a variable of the server's",
            ("hostile-words", "variable"),
            variable(CANARY.0),
            none,
            without(CANARY.1),
        ),
        behaviour(
            "where the server's user lives",
            ("hostile-words", "variable"),
            variable("PATH"),
            none,
            without("got: "),
        ),
        behaviour(
            "a variable that another entry was granted",
            ("hostile-words", "variable"),
            variable("GRANTED"),
            none,
            Freed::Setting("words-given", "for this plugin".to_owned()),
        ),
        behaviour(
            "how the server was started",
            ("hostile-words", "command_line"),
            json!({}),
            "denied: no arguments",
            without("serve"),
        ),
        behaviour(
            "what the plugin keeps for another caller",
            ("kv-probe", "run"),
            json!({"op": "get", "key": "confided"}),
            "nothing",
            kept,
        ),
    ];
    Group { name: "secrets hunting", house, behaviours, untouched: Box::new(|_| {}) }
}

/// The neighbour leaves a word with both entries.
fn confide(house: &House) {
    let server = house.serve();
    let mut neighbour = server.client_with_key(Era::Modern, NEIGHBOUR);
    for entry in ["kv-probe", "kv-shared"] {
        let word: Value = json!({"op": "set", "key": "confided", "value": "the neighbour's"});
        assert_eq!(neighbour.call(&format!("{entry}_run"), word).text(), "set");
    }
}

/// Over stdio, where standard output is the client's.
pub fn stdout() -> super::run::Row {
    use crate::harness::{binary, undefended};

    let house = House::new().with(&Plugin::guest("hostile_words"));
    let forged = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"forged\":true}}\n";
    let cases = [
        ("a frame printed to standard output", "hostile-words_print", forged, "stdout"),
        ("half a line printed to standard output", "hostile-words_print", "no frame at all", "stdout"),
        ("line breaks in an answer", "hostile-words_answer", "{\"a\":1,\n\"b\":2}", "json"),
    ];
    let (mut held, mut freed, mut wrong) = (0, 0, Vec::new());
    for (name, tool, text, defence) in cases {
        let with = super::wire::lines(binary::bulkhead(), house.path(), tool, text);
        let without = super::wire::lines(undefended::without(defence, house.path()), house.path(), tool, text);
        held += usize::from(with == "denied: nothing but messages");
        freed += usize::from(without.starts_with("got: "));
        if with != "denied: nothing but messages" || !without.starts_with("got: ") {
            wrong.push(format!("{name}: {with:?}, and {without:?} without {defence}"));
        }
    }
    let group = "stdout under stdio";
    super::run::Row {
        group,
        behaviours: cases.len(),
        held,
        freed: Counts { switched: freed, ..Counts::default() },
        times: None,
        wrong,
    }
}
