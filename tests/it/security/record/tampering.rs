use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{BROKEN, end, holds, house, serve, verify};
use crate::harness::{Era, House};

/// A record of some calls whose server has ended, and its checkpoints elsewhere.
fn recorded() -> House {
    let house = house().set("audit", json!({"mode": "record", "checkpointTo": "elsewhere/"}));
    let server = serve(&house, &["echo"]);
    let mut client = server.client(Era::Modern);
    for number in 0..10 {
        assert!(client.call("echo_run", json!({"text": format!("call {number}")})).is_ok());
    }
    end(server);
    holds(&house);
    house
}

fn segment(house: &House) -> PathBuf {
    let files = fs::read_dir(house.join("audit")).expect("the record").map(|entry| entry.expect("a file").path());
    let mut segments: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect();
    segments.sort();
    segments.remove(0)
}

/// What verification finds once the lines are others.
fn found(change: impl FnOnce(&mut Vec<String>)) -> String {
    let house = recorded();
    let path = segment(&house);
    let mut lines: Vec<String> = fs::read_to_string(&path).expect("text").lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    let verified = verify(&house, &[]);
    assert_eq!(verified.code, BROKEN, "{verified:#?}");
    let told: Value = serde_json::from_str(&verified.stdout).unwrap_or_else(|error| panic!("{error}: {verified:#?}"));
    assert_eq!(told["holds"], false);
    told["records"][0]["finding"]["text"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
}

/// Where the nth line about a call stands.
fn nth(lines: &[String], n: usize) -> usize {
    let calls = lines.iter().enumerate().filter(|(_, line)| line.contains("\"call\":"));
    calls.map(|(at, _)| at).nth(n).expect("a line")
}

#[test]
fn an_altered_byte_is_named() {
    let found = found(|lines| {
        let at = nth(lines, 4);
        lines[at] = lines[at].replacen("echo.run", "echo.ran", 1);
    });
    assert!(found.contains("was altered after it was signed"), "{found}");
}

#[test]
fn a_removed_line_is_named() {
    let found = found(|lines| {
        let at = nth(lines, 5);
        lines.remove(at);
    });
    assert!(found.contains("was removed from here"), "{found}");
}

#[test]
fn swapped_lines_are_named() {
    let found = found(|lines| {
        let (first, second) = (nth(lines, 2), nth(lines, 5));
        lines.swap(first, second);
    });
    assert!(found.contains("should stand here") || found.contains("was altered"), "{found}");
}

#[test]
fn a_cut_tail_is_found_by_a_checkpoint_kept_elsewhere() {
    let found = found(|lines| {
        // Whole writes, so that what is left is signed to its end.
        let seal = lines.iter().rposition(|line| line.contains("checkpoint")).expect("a checkpoint");
        let before = lines[..seal].iter().rposition(|line| line.contains("checkpoint")).expect("another one");
        lines.truncate(before + 1);
    });
    assert!(found.contains("its end was cut off"), "{found}");
}

#[test]
fn a_server_does_not_write_behind_what_does_not_hold() {
    let house = recorded();
    let path = segment(&house);
    let text = fs::read_to_string(&path).expect("text").replacen("echo.run", "echo.ran", 1);
    fs::write(&path, text).expect("written");
    let served = crate::harness::binary::run(house.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_ne!(served.code, 0, "{served:#?}");
    assert!(served.stderr.contains("the record does not hold"), "{served:#?}");
}
