use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::{BROKEN, end, holds, house, serve, verify};
use crate::harness::{
    Era, House,
    binary::{Ran, run},
};

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

#[test]
fn a_copy_that_a_crash_left_torn_stops_neither_verification_nor_a_start() {
    let house = house().set("audit", json!({"mode": "record", "checkpointTo": "elsewhere.log"}));
    let call = || {
        let server = serve(&house, &["echo"]);
        assert!(server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
        end(server);
    };
    call();
    let log = house.join("elsewhere.log");
    let whole = fs::read(&log).expect("the copies");
    let dash = whole.windows(3).position(|bytes| bytes == "\u{2014}".as_bytes()).expect("a signature");
    // In the middle of its first letter.
    fs::write(&log, [&whole, &whole[..dash + 1]].concat()).expect("torn");
    holds(&house);
    call();
    holds(&house);
    fs::write(&log, [&whole, "garbage".as_bytes()].concat()).expect("written");
    assert_eq!(verify(&house, &[]).code, BROKEN);
}

#[test]
fn check_tries_the_record_and_leaves_it_alone() {
    let house = house();
    let check = || run(house.path(), &["check", "--json"]);
    let told =
        |ran: &Ran| serde_json::from_str::<Value>(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    let new = check();
    assert_eq!((new.code, told(&new)["record"]["size"].is_null()), (0, true), "{new:#?}");
    assert!(!house.join("audit").exists(), "nothing is made");
    let server = serve(&house, &["echo"]);
    assert!(server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
    let live = told(&check());
    assert!(live["record"]["size"].as_u64() > Some(4) && live["record"]["written"] == true, "{live}");
    end(server);
    let well = check();
    assert_eq!((well.code, &told(&well)["record"]["written"]), (0, &json!(false)), "{well:#?}");
    let path = segment(&house);
    let text = fs::read_to_string(&path).expect("text");
    fs::write(&path, text.replacen("echo.run", "echo.ran", 1)).expect("written");
    let broken = check();
    assert_eq!(broken.code, 3, "{broken:#?}");
    assert!(told(&broken)["problems"].to_string().contains("the record does not hold"), "{broken:#?}");
    fs::write(&path, text).expect("written");
    fs::rename(house.join("state/audit.key"), house.join("kept.key")).expect("moved");
    let keyless = check();
    assert!(told(&keyless)["problems"].to_string().contains("and its key"), "{keyless:#?}");
    assert!(!house.join("state/audit.key").exists(), "no key is made");
}
