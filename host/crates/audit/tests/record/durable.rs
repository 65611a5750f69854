//! When an entry is on disk, and how many share a write.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bulkhead_audit::{AppendError, AuditError, Entry, Mode, Record};
use bulkhead_base::ByteSize;

use super::{Place, alert};

#[test]
fn an_appended_entry_is_in_the_file_when_append_returns() {
    let place = Place::new();
    let record = place.open();
    for n in 0..20 {
        let sequence = record.append_blocking(alert(&format!("entry {n}"))).unwrap();
        let text = place.text();
        let line = text.lines().nth(usize::try_from(sequence).unwrap()).unwrap();
        assert!(line.starts_with(&format!("{{\"seq\":{sequence},")) && line.contains(&format!("entry {n}")), "{line}");
        assert!(text.ends_with("\"}\n") && text.lines().last().unwrap().contains("\"kind\":\"checkpoint\""));
        place.assert_holds();
    }
}

#[test]
fn many_who_append_share_a_write() {
    let place = Place::new();
    let record = place.open();
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| (0..50).for_each(|n| assert!(record.append_blocking(alert(&n.to_string())).is_ok())));
        }
    });
    let counts = record.counts();
    println!("{counts:?}");
    assert_eq!(counts.entries, 1600);
    assert!(counts.writes < 800, "{} writes", counts.writes);
    record.close().unwrap();
    // Head, entries, and one checkpoint for each write: the first one made the head durable.
    assert_eq!(place.assert_holds().vouched, 1 + 1600 + counts.writes);
}

/// How soon a batch is written.
const BATCH: Duration = Duration::from_millis(50);

#[test]
fn a_batch_is_on_disk_within_its_time_and_nobody_waits() {
    let place = Place::new();
    let record = Record::open(place.settings(Mode::Batch), place.signer()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut soonest = Duration::MAX;
    // Others share the disk, and it is late now and then; what waits for something is late every time.
    for round in 0..5 {
        let (before, begun) = (record.counts().writes, Instant::now());
        runtime.block_on(async {
            for n in 0..100 {
                record.append(alert(&format!("entry {round} {n}."))).await.unwrap();
            }
        });
        let appended = begun.elapsed();
        while !place.text().contains(&format!("entry {round} 99.")) {
            assert!(begun.elapsed() < Duration::from_secs(60), "not written");
            thread::yield_now();
        }
        let took = begun.elapsed();
        println!("appended in {appended:?}, on disk after {took:?}");
        soonest = soonest.min(took);
        let (writes, most) = (record.counts().writes - before, 3 + took.as_millis() / BATCH.as_millis());
        assert!(u128::from(writes) <= most, "{writes} writes in {took:?}");
    }
    // Alone it takes 60 ms.
    assert!(soonest < Duration::from_secs(1), "{soonest:?}");
    // Who wants to wait may, and waits for no 50 ms.
    let sequence = record.append_blocking(alert("now")).unwrap();
    assert!(place.text().lines().nth(usize::try_from(sequence).unwrap()).unwrap().contains("now"));
    place.assert_holds();
}

#[test]
fn a_full_queue_is_waited_for_and_loses_nothing() {
    let place = Place::new();
    let record = Record::open(place.settings(Mode::Batch), place.signer()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (long, mut is_behind) = ("x".repeat(4000), false);
    runtime.block_on(async {
        for n in 1..=5_000 {
            let entry = (0..8).fold(alert("much"), |entry, _| entry.text("more", &long));
            record.append(entry).await.unwrap();
            is_behind |= record.counts().entries < n;
        }
    });
    let counts = record.counts();
    assert!(is_behind && counts.bytes > 100 << 20, "the queue holds 8 MiB and no more: {counts:?}");
    record.close().unwrap();
    let lines = place.segments().into_iter().map(|path| std::fs::read_to_string(path).unwrap().matches("much").count());
    assert_eq!(lines.sum::<usize>(), 5_000);
    assert!(place.segments().len() > 1);
    place.assert_holds();
}

#[test]
fn an_entry_that_is_too_large_is_refused_and_harms_nobody() {
    let place = Place::new();
    let record = place.open();
    let long = "x".repeat(4096);
    let entry = |count| (0..count).fold(alert("large"), |entry: Entry, _| entry.text("more", &long));
    assert!(
        matches!(record.append_blocking(entry(300)), Err(AppendError::TooLarge { limit }) if limit == ByteSize::mib(1))
    );
    record.append_blocking(entry(200)).unwrap();
    place.assert_holds();
}

#[test]
fn a_second_writer_is_told_who_the_first_one_is() {
    let place = Place::new();
    let record = place.open();
    let error = Record::open(place.settings(Mode::Record), place.signer()).unwrap_err();
    assert!(
        matches!(&error, AuditError::Locked { holder, .. } if *holder == std::process::id().to_string()),
        "{error}"
    );
    record.append_blocking(alert("the first one goes on")).unwrap();
    record.close().unwrap();
    place.open().append_blocking(alert("the folder is free")).unwrap();
    place.assert_holds();
}

#[test]
fn a_closed_record_has_written_everything_and_takes_no_more() {
    let place = Place::new();
    let record = Arc::new(Record::open(place.settings(Mode::Batch), place.signer()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..10 {
            record.append(alert("queued")).await.unwrap();
        }
    });
    Arc::into_inner(record).unwrap().close().unwrap();
    assert_eq!(place.text().matches("queued").count(), 10);
    place.assert_holds();
}
