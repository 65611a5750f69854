//! What a plugin usually says, and what stands out from it.

use std::time::Instant;

use serde_json::{Value, json};

use super::{next, planted, subscribe};
use crate::harness::{Client, Era, House, Plugin, binary::repository};

/// Answers of each kept plugin, as the issue counts them: together 10,000.
const ANSWERS: u64 = 2_500;

/// Files that are read, again and again.
const FILES: u64 = 60;

#[test]
fn a_text_that_is_added_to_every_answer_is_told_of_at_the_fifth_call() {
    let house = planted("flag");
    let server = house.serve();
    server.lines().wait_for(&["served", "plugin="]);
    let mut events = subscribe(&server, "securityAlert");
    let mut client = server.client(Era::Modern);
    for number in 1..=5 {
        assert!(!server.lines().have(&["says something else than it usually does"]), "before call {number}");
        assert!(client.call("planted_count", json!({"number": number})).is_ok());
    }
    let alert = next(&mut events);
    assert_eq!(alert["method"], "mcp.event.securityAlert");
    let told = &alert["params"];
    assert_eq!(
        (&told["kind"], &told["plugin"], &told["tool"]),
        (&json!("unusual"), &json!("planted"), &json!("planted.count"))
    );
    // It is told once, and quotes nothing to a client.
    assert!(!alert.to_string().contains("session token"), "{alert}");
    server.lines().wait_for(&["says something else than it usually does", "what=\"passage\""]);
}

#[test]
fn what_is_flagged_is_told_once_for_a_while() {
    let house = planted("flag");
    let server = house.serve();
    server.lines().wait_for(&["served", "plugin="]);
    let mut events = subscribe(&server, "securityAlert");
    let mut client = server.client(Era::Modern);
    for at in ["content", "content", "structured"] {
        assert!(client.call("planted_say", json!({"at": at})).is_ok());
    }
    for _ in ["hidden.tags", "injection.ignore-previous"] {
        let alert = next(&mut events);
        assert_eq!((&alert["params"]["kind"], &alert["params"]["tool"]), (&json!("flagged"), &json!("planted.say")));
    }
    let flagged = ["what the plugin said is flagged"];
    server.lines().wait_for_more(&flagged, 1);
    assert_eq!(server.lines().count(&flagged), 2, "once a rule");
}

/// Files that somebody may ask for: this repository's own.
fn files(house: &House) {
    std::fs::create_dir(house.join("data")).expect("a folder");
    let (mut folders, mut sources) = (vec![repository().join("host/src")], Vec::new());
    while let Some(folder) = folders.pop() {
        let paths = std::fs::read_dir(folder).expect("a folder").map_while(Result::ok).map(|entry| entry.path());
        let (below, here): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
        folders.extend(below);
        sources.extend(here);
    }
    sources.sort();
    for (number, path) in (0..FILES).zip(sources) {
        std::fs::copy(path, house.join(&format!("data/{number}.txt"))).expect("a copy");
    }
}

/// The kept plugins, each asked in its ways.
fn kept(number: u64) -> [(&'static str, Value); 4] {
    let path = format!("/data/{}.txt", number % FILES);
    [
        ("calc_evaluate", json!({"expression": format!("{number} * {} + 1/{}", number % 97, number % 7)})),
        ("file_read", json!({"path": path})),
        ("weather_getCurrent", json!({"location": format!("{}.5,{}.25", number % 80, number % 170)})),
        ("everything_test_simple_text", json!({})),
    ]
}

#[test]
fn the_kept_plugins_raise_nothing_in_ten_thousand_answers() {
    let file = Plugin::real("file").grants(json!({"fs": [{"path": "./data", "at": "/data", "access": "read"}]}));
    let house = House::new()
        .with(&file)
        .with(&Plugin::real("calc"))
        .with(&Plugin::real("weather"))
        .with(&Plugin::real("everything"));
    files(&house);
    let server = house.serve();
    for plugin in ["file", "calc", "weather", "everything"] {
        server.lines().wait_for(&["served", &format!("plugin={plugin} ")]);
    }
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for which in 0..4 {
            let mut client: Client = server.client(Era::Modern);
            scope.spawn(move || {
                for number in 0..ANSWERS {
                    let (tool, arguments) = kept(number).into_iter().nth(which).expect("a plugin");
                    let answer = client.call(tool, arguments);
                    let found = &answer.message["result"]["_meta"]["dev.bulkhead/findings"];
                    assert!(found.is_null() && answer.message.get("result").is_some(), "{tool}: {answer:?}");
                }
            });
        }
    });
    eprintln!("{} answers in {:?}", 4 * ANSWERS, begun.elapsed());
    for told in ["what the plugin said is flagged", "says something else than it usually does", "is not passed on"] {
        let lines: Vec<String> = server.lines().all().into_iter().filter(|line| line.contains(told)).collect();
        assert!(lines.is_empty(), "{lines:#?}");
    }
}
