//! A disk that takes nothing more, and files that others touch.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    thread,
    time::{Duration, Instant},
};

use bulkhead_audit::{AppendError, Mode, Record};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Place, alert, child};

/// Its files may have 16 KiB until it is told that they may have more.
pub(super) fn fill(record: &Record) {
    let fill =
        |what: &str| (0..200).find_map(|n| record.append_blocking(alert(&format!("{what} {n}."))).err().map(|_| n));
    let filled = fill("before").expect("the limit is met");
    // Everybody is told so, at once and for as long as it lasts.
    let failing = thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| record.append_blocking(alert("refused")))).collect();
        tries.into_iter().all(|one| matches!(one.join().unwrap(), Err(AppendError::Failing(_))))
    });
    println!("\nfilled {filled} {failing} {:?}", record.health().failure.map(|failure| failure.to_string()));
    setrlimit(Resource::Fsize, Rlimit { current: None, ..getrlimit(Resource::Fsize) }).unwrap();
    let begun = Instant::now();
    while record.health().failure.is_some() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not heal");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(fill("after"), None);
    println!("\nhealed");
}

#[test]
fn a_full_disk_fails_closed_and_heals() {
    let place = Place::new();
    place.signer();
    // The shell's trap is inherited: a write beyond the limit is an error, as on a full disk, and no signal.
    let script = "trap '' XFSZ; ulimit -S -f 32; exec \"$0\"";
    let mut child = child::command(&place, "fill", script).spawn().unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
    assert!(child.wait().unwrap().success(), "{lines:?}");
    let filled = lines.iter().find_map(|line| line.strip_prefix("filled ")).expect("the limit was met");
    println!("{filled}");
    let (count, rest) = filled.split_once(' ').unwrap();
    assert!(rest.starts_with("true Some(") && rest.contains("File too large"), "{rest}");
    let text = place.text();
    let count: usize = count.parse().unwrap();
    assert_eq!(text.matches("\"before ").count(), count, "what was told to be recorded, and nothing else");
    assert_eq!(text.matches("\"after ").count(), 200);
    assert!(!text.contains("refused"));
    assert!(text.contains("\"kind\":\"recovered\"") && text.contains("\"failure\":\"File too large"), "{text}");
    place.assert_holds();
}

#[test]
fn a_record_that_others_touch_stops_until_it_can_go_on() {
    let place = Place::new();
    let record = place.open();
    record.append_blocking(alert("one")).unwrap();
    let [segment] = &place.segments()[..] else { panic!("one segment") };
    fs::OpenOptions::new().append(true).open(segment).unwrap().write_all(b"{\"seq\":4}\n").unwrap();
    let error = record.append_blocking(alert("two")).unwrap_err();
    assert_eq!(error.to_string(), "the record cannot be written: somebody else wrote into the record");
    // What was added goes, and the record says that something was.
    while record.health().failure.is_some() {
        thread::sleep(Duration::from_millis(10));
    }
    record.append_blocking(alert("three")).unwrap();
    let text = place.text();
    assert!(
        !text.contains("{\"seq\":4}")
            && text.contains("\"failure\":\"somebody else wrote into the record\",\"lost\":1")
    );
    place.assert_holds();
    // What was taken cannot be given back: it stays closed.
    fs::OpenOptions::new().write(true).open(segment).unwrap().set_len(100).unwrap();
    record.append_blocking(alert("four")).unwrap_err();
    thread::sleep(Duration::from_millis(1500));
    let error = record.append_blocking(alert("five")).unwrap_err();
    assert_eq!(error.to_string(), "the record cannot be written: the record was cut while it was written");
    assert_eq!(fs::metadata(segment).unwrap().len(), 100, "nothing was written behind the cut");
}

#[test]
fn a_record_that_was_removed_stops() {
    let place = Place::new();
    let record = place.open();
    fs::remove_file(&place.segments()[0]).unwrap();
    let error = record.append_blocking(alert("one")).unwrap_err();
    assert!(error.to_string().ends_with("the record was removed while it was written"), "{error}");
}

#[test]
fn a_batch_that_fails_is_told_to_who_comes_next() {
    let place = Place::new();
    let record = Record::open(place.settings(Mode::Batch), place.signer()).unwrap();
    fs::remove_file(&place.segments()[0]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let begun = Instant::now();
    while runtime.block_on(record.append(alert("one"))).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody is told");
        thread::sleep(Duration::from_millis(1));
    }
    assert!(record.health().failure.is_some());
}
