use std::fs;

use serde_json::json;

use super::{end, entries, holds, house, of_kind, serve};
use crate::harness::{Era, House};

/// The least that may be written in `audit.maxSize`, and what stands on the disk
/// beyond it at most: one write, of the one call that there is at a time.
const MOST: u64 = 16 << 20;
const ONE_WRITE: u64 = 1 << 20;

fn size(house: &House) -> u64 {
    let files = fs::read_dir(house.join("audit")).expect("the record");
    files.map(|file| file.and_then(|file| file.metadata()).map_or(0, |metadata| metadata.len())).sum()
}

#[test]
fn a_record_of_limited_size_forgets_its_oldest_segments_and_says_so() {
    let house = house().set("audit", json!({"mode": "record", "arguments": "full", "maxSize": "16MiB"}));
    let server = serve(&house, &["echo"]);
    let mut client = server.client(Era::Modern);
    let text = "x".repeat(200 << 10);
    let (mut written, mut calls, mut largest) = (0, 0, 0);
    // Until it has forgotten more than it holds.
    while written < 2 * MOST {
        let before = size(&house);
        let answer = client.call("echo_run", json!({"text": format!("call {calls} {text}")}));
        assert!(answer.is_ok(), "calls go on: {answer:?}");
        let now = size(&house);
        assert!(now <= MOST + ONE_WRITE, "{now} bytes after call {calls}");
        (written, calls, largest) = (written + now.saturating_sub(before), calls + 1, largest.max(now));
    }
    assert!(largest > MOST * 3 / 4, "no more is forgotten than has to be: {largest} bytes at most");
    end(server);
    holds(&house);
    let told = entries(&house);
    let retired = of_kind(&told, "retired");
    let (first, last) = (retired.first().expect("it says so"), retired.last().expect("it says so"));
    assert!(retired.iter().all(|entry| entry["why"] == "size"), "{retired:?}");
    let oldest = told[0]["seq"].as_u64();
    assert_eq!(oldest, last["before"].as_u64(), "what it says it forgot is what is not there");
    assert!(first["seq"].as_u64() > oldest);
    let said = |number: usize| {
        let begin = format!("call {number} ");
        told.iter()
            .any(|entry| entry["arguments"]["full"]["text"].as_str().is_some_and(|text| text.starts_with(&begin)))
    };
    assert!(!said(0) && said(calls - 1), "the oldest went, and the newest is there");

    // A start keeps to it too, and goes on.
    let again = serve(&house, &["echo"]);
    assert!(again.client(Era::Modern).call("echo_run", json!({"text": "after"})).is_ok());
    assert!(size(&house) <= MOST + ONE_WRITE);
    end(again);
    holds(&house);
}
