//! Segments, retention, and what a start refuses.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use bulkhead_audit::{AuditError, Clock, Flaw, Keypair, Mode, Record, Settings, overdue};
use bulkhead_base::ByteSize;

use super::{Place, alert};

const DAY: u64 = 24 * 60 * 60;

/// Settings by which five days are kept, and a day passes whenever one says so.
fn days(place: &Place) -> (Settings, impl Fn(u64)) {
    let now = Arc::new(AtomicU64::new(20_000 * DAY));
    let mut settings = place.settings(Mode::Record);
    let clock = now.clone();
    settings.clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed)));
    settings.retain = Some(Duration::from_secs(5 * DAY));
    let pass = move |days| {
        now.fetch_add(days * DAY, Ordering::Relaxed);
    };
    (settings, pass)
}

#[test]
fn files_are_their_owners_alone() {
    let place = Place::new();
    place.open().close().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.folder()), 0o700);
    for file in fs::read_dir(place.folder()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    for exposed in [0o770, 0o702] {
        fs::set_permissions(place.folder(), fs::Permissions::from_mode(exposed)).unwrap();
        let error = Record::open(place.settings(Mode::Record), place.signer()).unwrap_err();
        assert!(matches!(error, AuditError::Exposed { .. }), "{error}");
    }
}

#[test]
fn segments_end_by_size_and_the_record_goes_on() {
    let place = Place::new();
    for round in 0..3 {
        let mut settings = place.settings(Mode::Record);
        settings.segment_bytes = ByteSize::kib(4);
        let record = Record::open(settings, place.signer()).unwrap();
        for n in 0..20 {
            record.append_blocking(alert(&format!("{round}-{n}"))).unwrap();
        }
        record.close().unwrap();
        let report = place.assert_holds();
        assert_eq!(report.segments, place.segments().len());
    }
    let segments = place.segments();
    assert!(segments.len() > 4, "{segments:?}");
    let size = |path: &std::path::PathBuf| fs::metadata(path).unwrap().len();
    assert!(segments.iter().all(|path| size(path) < 8 << 10));
    // Each is found: one in the middle that is gone, renamed, or has lost its end.
    let middle = &segments[2];
    let start: u64 = middle.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let bytes = fs::read(middle).unwrap();
    fs::remove_file(middle).unwrap();
    let report = place.verify();
    let found = report.finding.unwrap();
    assert_eq!((found.flaw, found.sequence, report.vouched), (Flaw::Removed, start, start));
    let renamed = place.folder().join(format!("{:020}.jsonl", start + 1));
    fs::write(&renamed, &bytes).unwrap();
    assert_eq!(place.verify().finding.unwrap().flaw, Flaw::Altered);
    fs::remove_file(renamed).unwrap();
    fs::write(middle, &bytes[..bytes.len() - 1]).unwrap();
    let found = place.verify().finding.unwrap();
    let last = bytes.split(|byte| *byte == b'\n').count() - 1;
    assert_eq!((found.segment(), found.line()), (Some(format!("{start:020}.jsonl")), Some(last as u64)));
}

/// Each byte of the lines on both sides of a border between segments.
#[test]
fn every_byte_at_a_border_is_found() {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::bytes(1);
    let record = Record::open(settings, place.signer()).unwrap();
    record.append_blocking(alert("one")).unwrap();
    record.append_blocking(alert("two")).unwrap();
    record.close().unwrap();
    let segments = place.segments();
    assert_eq!(segments.len(), 3);
    for segment in &segments {
        let bytes = fs::read(segment).unwrap();
        let mut line = 1;
        for at in 0..bytes.len() {
            let mut touched = bytes.clone();
            touched[at] ^= 1;
            fs::write(segment, &touched).unwrap();
            let found = place.verify().finding.unwrap_or_else(|| panic!("{} byte {at}", segment.display()));
            let name = segment.file_name().unwrap().to_str().map(str::to_owned);
            if Some(segment) == segments.last() && at + 1 == bytes.len() {
                assert_eq!(found.flaw, Flaw::Unsigned, "the end is as after a torn write");
                continue;
            }
            assert_eq!((found.segment(), found.line()), (name, Some(line)), "byte {at}: {found}");
            line += u64::from(bytes[at] == b'\n');
        }
        fs::write(segment, &bytes).unwrap();
    }
    place.assert_holds();
}

#[test]
fn a_day_is_a_segment_and_old_ones_are_retired() {
    let place = Place::new();
    let (settings, pass) = days(&place);
    let record = Record::open(settings, place.signer()).unwrap();
    for day in 0..10 {
        pass(1);
        record.append_blocking(alert(&format!("day {day}"))).unwrap();
    }
    record.close().unwrap();
    let report = place.assert_holds();
    // The days 3 to 9 are kept: the first of them ended five days before the last one began, and no earlier.
    assert_eq!(place.segments().len(), 7, "{:?}", place.segments());
    assert!(report.first > 0 && report.checkpoint.is_some());
    let text: String = place.segments().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(
        !text.contains("day 2")
            && text.contains("day 3")
            && text.contains(&format!("\"before\":{},\"why\":\"time\"}}", report.first)),
        "{} {text}",
        report.first
    );
    // One more that is gone was not retired.
    fs::remove_file(&place.segments()[0]).unwrap();
    let report = place.verify();
    let found = report.finding.as_ref().unwrap();
    assert_eq!((&found.flaw, found.sequence), (&Flaw::NotRetired, report.first), "{report}");
}

/// Whoever may write the folder, and has no key, has nothing removed by the server.
#[test]
fn an_old_segment_that_was_altered_is_kept_and_told_of() {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::bytes(1);
    let record = Record::open(settings.clone(), place.signer()).unwrap();
    for n in 0..4 {
        record.append_blocking(alert(&format!("entry {n}"))).unwrap();
    }
    record.close().unwrap();
    let segments = place.segments();
    // Older than anything that is kept, by what the first two say of themselves.
    let (second, text) = (&segments[1], fs::read_to_string(&segments[1]).unwrap());
    let year = text.split_once("\"time\":\"").unwrap().1[..4].to_owned();
    for segment in &segments[1..3] {
        let text = fs::read_to_string(segment).unwrap();
        fs::write(segment, text.replacen(&format!("\"time\":\"{year}"), "\"time\":\"1999", 1)).unwrap();
    }
    let first = fs::read_to_string(&segments[0]).unwrap();
    let record = Record::open(settings, place.signer()).unwrap();
    let altered = second.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(record.health().altered, Some(altered.clone()));
    record.append_blocking(alert("later")).unwrap();
    record.close().unwrap();
    assert!(second.exists(), "what was altered is evidence");
    assert_eq!(fs::read_to_string(&segments[0]).ok(), Some(first), "nothing before it is too old");
    let all: String = place.segments().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert_eq!(all.matches("\"what\":\"altered segment\"").count(), 1, "it is told of once");
    assert!(all.contains(&format!("\"segment\":\"{altered}\"")));
    assert_eq!(place.verify().finding.unwrap().segment(), Some(altered));
}

/// A file can be made larger than any disk, with nothing in it.
#[test]
fn a_segment_that_was_blown_up_pushes_nothing_out() {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::bytes(1);
    settings.max_bytes = Some(ByteSize::mib(16));
    let record = Record::open(settings.clone(), place.signer()).unwrap();
    for n in 0..4 {
        record.append_blocking(alert(&format!("entry {n}"))).unwrap();
    }
    record.close().unwrap();
    let (segments, huge) = (place.segments(), 1 << 40);
    for segment in &segments[1..3] {
        fs::OpenOptions::new().write(true).open(segment).unwrap().set_len(huge).unwrap();
    }
    let record = Record::open(settings, place.signer()).unwrap();
    record.append_blocking(alert("later")).unwrap();
    assert!(record.health().altered.is_some());
    record.close().unwrap();
    assert!(segments[1].exists() && segments[2].exists());
}

#[test]
fn a_record_that_does_not_hold_is_not_continued() {
    let place = Place::new();
    place.open().append_blocking(alert("one")).unwrap();
    let (text, segment) = (place.text(), place.segments().remove(0));
    for (old, new) in
        [("\"one\"", "\"two\""), ("\"leaves\":\"", "\"leaves\":\"A"), ("\"kind\":\"segment\"", "\"kind\":\"Segment\"")]
    {
        let touched = text.replacen(old, new, 1);
        assert_ne!(touched, text);
        fs::write(&segment, &touched).unwrap();
        let error = Record::open(place.settings(Mode::Record), place.signer()).unwrap_err();
        assert!(matches!(error, AuditError::Broken { .. }), "{error}");
        assert!(error.to_string().contains("move this folder away"), "{error}");
        assert_eq!(fs::read_to_string(&segment).unwrap(), touched);
    }
    fs::write(&segment, &text).unwrap();
    // The last checkpoint itself.
    let last = text.trim_end().rfind('\n').unwrap();
    let touched = format!("{}{}", &text[..last], text[last..].replacen("\\n\"}", "A\\n\"}", 1));
    fs::write(&segment, &touched).unwrap();
    assert!(matches!(Record::open(place.settings(Mode::Record), place.signer()), Err(AuditError::Broken { .. })));
    fs::write(&segment, &text).unwrap();
    let other = Keypair::generate().unwrap();
    fs::remove_file(place.folder().join("checkpoint")).unwrap();
    let error = Record::open(place.settings(Mode::Record), other).unwrap_err();
    assert!(matches!(&error, AuditError::Broken { finding, .. } if finding.flaw == Flaw::Foreign), "{error}");
    let mut settings = place.settings(Mode::Record);
    settings.name = "other.example.com/audit".parse().unwrap();
    assert!(matches!(Record::open(settings, place.signer()), Err(AuditError::OtherName { .. })));
    place.open().append_blocking(alert("two")).unwrap();
    place.assert_holds();
}

#[test]
fn what_is_too_much_goes_the_oldest_first_and_never_what_is_written() {
    let place = Place::new();
    let most = 256 << 10;
    let open = || {
        let mut settings = place.settings(Mode::Record);
        settings.max_bytes = Some(ByteSize::bytes(most));
        Record::open(settings, place.signer()).unwrap()
    };
    let size = || place.segments().iter().map(|path| fs::metadata(path).unwrap().len()).sum::<u64>();
    let (record, long) = (open(), "x".repeat(4000));
    let (mut largest, mut seen) = (0, 0);
    for n in 0..200 {
        record.append_blocking(alert(&format!("entry {n}.")).text("more", &long)).unwrap();
        largest = largest.max(size());
        seen = seen.max(place.segments().len());
    }
    record.close().unwrap();
    // A write is one entry here, and its checkpoint.
    assert!(largest <= most + (8 << 10) && largest > most / 2, "{largest}");
    assert!((6..=9).contains(&seen), "{seen}");
    let report = place.assert_holds();
    assert!(report.first > 0);
    let text: String = place.segments().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(text.contains("entry 199.") && !text.contains("entry 100."));
    assert!(text.contains(&format!("\"before\":{},\"why\":\"size\"}}", report.first)), "{}", report.first);
    // A beginning that somebody else takes away is missed all the same.
    let first = place.segments().remove(0);
    let bytes = fs::read(&first).unwrap();
    fs::remove_file(&first).unwrap();
    assert_eq!(place.verify().finding.unwrap().flaw, Flaw::NotRetired);
    fs::write(&first, bytes).unwrap();
    // Without a limit, nothing goes.
    place.open().append_blocking(alert("more")).unwrap();
    assert_eq!(place.assert_holds().first, report.first);
    // What was too much before it was limited goes at the start.
    let mut settings = place.settings(Mode::Record);
    settings.max_bytes = Some(ByteSize::bytes(most / 4));
    assert!(overdue(&settings));
    Record::open(settings, place.signer()).unwrap().close().unwrap();
    assert!(size() <= most / 4 + (8 << 10), "{}", size());
    place.assert_holds();
}

#[test]
fn a_record_that_nobody_writes_is_forgotten_like_any_other() {
    let place = Place::new();
    let (settings, pass) = days(&place);
    let open = || Record::open(settings.clone(), place.signer());
    assert!(!overdue(&settings), "there is none");
    for day in 0..3 {
        open().unwrap().append_blocking(alert(&format!("day {day}"))).unwrap();
        pass(1);
    }
    assert!(!overdue(&settings));
    pass(4);
    assert!(overdue(&settings), "the first day is over");
    // Whoever writes it lets it go; nobody else does.
    let held = open().unwrap();
    assert!(matches!(open(), Err(AuditError::Locked { .. })));
    held.close().unwrap();
    let all = || place.segments().iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>();
    assert!(!all().contains("day 0") && all().contains("day 2") && !overdue(&settings));
    pass(100);
    assert!(overdue(&settings), "so is the segment that was written last");
    open().unwrap().close().unwrap();
    assert!(!all().contains("day 2") && !overdue(&settings), "{}", all());
    assert_eq!(place.segments().len(), 1);
    place.assert_holds();
    // It is a record still, and the next server goes on in it.
    pass(1);
    open().unwrap().append_blocking(alert("again")).unwrap();
    place.assert_holds();
}
