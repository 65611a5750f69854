//! Reading: the newest lines, those of a time, what was used, while it is written.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bulkhead_audit::{
    AuditError, Call, Checkpoint, Clock, Cost, Detail, Entry, Filter, Intent, Kind, Mode, Outcome, Record, Tail,
    entries, export, prove, verify,
};
use bulkhead_base::{ByteSize, CallId, Digest, Operation, OperationKind};

use super::{Place, alert};

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + second)
}

fn operation(tool: &str) -> Operation {
    let plugin = tool.split('.').next().unwrap().parse().unwrap();
    Operation { kind: OperationKind::CallTool, plugin, item: tool.into() }
}

/// Ten calls, each with its two entries, in small segments.
fn ten_calls() -> Place {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::kib(4);
    settings.clock = Clock::new(|| at(0));
    let record = Record::open(settings, place.signer()).unwrap();
    let digest = Digest::of(b"plugin");
    for n in 0..10 {
        let operation = operation(if n % 2 == 0 { "weather.get" } else { "file.read" });
        let principal = if n < 5 { "alice" } else { "bob" };
        let id = CallId::fresh().unwrap();
        let call = Call { id, principal, operation: &operation, digest: Some(&digest), contract: Some(&digest) };
        let detail = Detail::default();
        record.append_blocking(Intent { call, arguments: "{}" }.entry(at(n), &detail)).unwrap();
        let outcome = Outcome {
            call,
            outcome: "ok",
            reason: None,
            result: Some("{}"),
            flagged: &[],
            screen: "flag",
            cost: Cost::default(),
        };
        record.append_blocking(outcome.entry(at(n), &detail)).unwrap();
    }
    record.close().unwrap();
    place
}

fn exported(place: &Place, filter: &Filter) -> Vec<serde_json::Value> {
    let mut out = Vec::new();
    let count = export(&place.folder(), filter, &mut out).unwrap();
    let lines: Vec<_> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len() as u64, count);
    lines
}

#[test]
fn an_export_is_what_passes_its_filter() {
    let place = ten_calls();
    let some = |text: &str| Some(text.to_owned());
    let all = exported(&place, &Filter::default());
    assert!(all.windows(2).all(|pair| pair[0]["seq"].as_u64().unwrap() + 1 == pair[1]["seq"].as_u64().unwrap()));
    for (filter, count) in [
        (Filter { kind: some("intent"), ..Filter::default() }, 10),
        (Filter { principal: some("bob"), ..Filter::default() }, 10),
        (Filter { principal: some("bob"), item: some("weather.get"), kind: some("outcome"), ..Filter::default() }, 2),
        (Filter { plugin: some("file"), ..Filter::default() }, 10),
        (Filter { plugin: some("other"), ..Filter::default() }, 0),
        (Filter { since: Some(at(3)), until: Some(at(5)), ..Filter::default() }, 4),
        (Filter { since: Some(at(9)), principal: some("bob"), ..Filter::default() }, 2),
    ] {
        assert_eq!(exported(&place, &filter).len(), count, "{filter:?}");
    }
}

#[test]
fn one_pass_tells_what_was_used() {
    let place = ten_calls();
    let mut used = BTreeMap::new();
    let filter = Filter { kind: Some("intent".to_owned()), ..Filter::default() };
    entries(&place.folder(), &filter, |seen, _| {
        let key = (seen.principal.as_deref().unwrap().to_owned(), seen.item.as_deref().unwrap().to_owned());
        *used.entry(key).or_insert(0) += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    let count = |principal: &str, item: &str| used.get(&(principal.to_owned(), item.to_owned())).copied();
    assert_eq!(count("alice", "weather.get"), Some(3));
    assert_eq!(count("bob", "file.read"), Some(3));
    assert_eq!(used.len(), 4);
    let mut seen = 0;
    entries(&place.folder(), &filter, |_, _| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(seen, 2);
}

#[test]
fn a_tail_begins_at_the_end_and_follows_over_segments() {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::kib(4);
    let record = Record::open(settings, place.signer()).unwrap();
    let append = |n: u32| assert!(record.append_blocking(alert(&format!("entry {n}."))).is_ok());
    (0..10).for_each(append);
    let mut tail = Tail::new(&place.folder(), 4);
    let next = |tail: &mut Tail| {
        let mut lines = Vec::new();
        tail.next_lines(|line| lines.push(String::from_utf8(line.to_owned()).unwrap())).unwrap();
        lines
    };
    let first = next(&mut tail);
    assert_eq!(first.len(), 4);
    assert!(first[2].contains("entry 9.") && first[3].contains("\"checkpoint\""), "{first:?}");
    assert_eq!(next(&mut tail), Vec::<String>::new());
    let segments = place.segments().len();
    (10..40).for_each(append);
    assert!(place.segments().len() > segments + 1);
    let lines = next(&mut tail);
    let seen: Vec<u32> = (10..40).filter(|n| lines.iter().any(|line| line.contains(&format!("entry {n}.")))).collect();
    assert_eq!(seen.len(), 30);
    assert!(!lines.iter().any(|line| line.contains("entry 9.")));
    assert!(matches!(Tail::new(place.home.path(), 1).next_lines(|_| ()), Err(AuditError::NoRecord { .. })));
}

#[test]
fn a_record_that_is_being_written_is_verified() {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::kib(64);
    let record = Record::open(settings, place.signer()).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut n = 0;
                while !over.load(Ordering::Relaxed) {
                    record.append_blocking(Entry::new(Kind::Alert, SystemTime::now()).number("n", n)).unwrap();
                    n += 1;
                }
            });
        }
        for _ in 0..30 {
            let report = verify(&place.folder(), &place.key(), &[]).unwrap();
            assert_eq!(report.finding, None, "{report}");
        }
        over.store(true, Ordering::Relaxed);
    });
    record.close().unwrap();
    place.assert_holds();
}

#[test]
fn one_record_is_proved() {
    let place = ten_calls();
    let all = exported(&place, &Filter::default());
    let sequence = all.len() as u64 / 2;
    let proof = prove(&place.folder(), &place.key(), sequence).unwrap().unwrap();
    let line: serde_json::Value = serde_json::from_slice(proof.line()).unwrap();
    assert_eq!(line, all[usize::try_from(sequence).unwrap()]);
    let text = proof.to_string();
    assert!(text.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {sequence}\n")), "{text}");
    let (_, checkpoint) = text.split_once("\n\n").unwrap();
    assert_eq!(Checkpoint::parse(checkpoint, &place.key()).unwrap().size(), all.len() as u64 - 1);
    assert!(prove(&place.folder(), &place.key(), all.len() as u64).unwrap().is_none());
}
