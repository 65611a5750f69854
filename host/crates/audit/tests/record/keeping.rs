//! Segments, retention, copies of checkpoints, and what a start refuses.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use bulkhead_audit::{AuditError, Checkpoint, Clock, Flaw, Keypair, Mode, Record, verify};
use bulkhead_base::ByteSize;

use super::{Place, alert};

const DAY: u64 = 24 * 60 * 60;

/// A record of which a day passes whenever one says so.
fn with_days(place: &Place) -> (Record, impl Fn(u64)) {
    let now = Arc::new(AtomicU64::new(20_000 * DAY));
    let mut settings = place.settings(Mode::Record);
    let clock = now.clone();
    settings.clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed)));
    settings.retain = Some(Duration::from_secs(5 * DAY));
    let record = Record::open(settings, place.signer()).unwrap();
    let pass = move |days| {
        now.fetch_add(days * DAY, Ordering::Relaxed);
    };
    (record, pass)
}

#[test]
fn files_are_their_owners_alone() {
    let place = Place::new();
    place.open().close();
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
        record.close();
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
    record.close();
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
    let (record, pass) = with_days(&place);
    for day in 0..10 {
        pass(1);
        record.append_blocking(alert(&format!("day {day}"))).unwrap();
    }
    record.close();
    let report = place.assert_holds();
    // The days 3 to 9 are kept: the first of them ended five days before the last one began, and no earlier.
    assert_eq!(place.segments().len(), 7, "{:?}", place.segments());
    assert!(report.first > 0 && report.checkpoint.is_some());
    let text: String = place.segments().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(
        !text.contains("day 2") && text.contains("day 3") && text.contains(&format!("\"before\":{}}}", report.first)),
        "{} {text}",
        report.first
    );
    // One more that is gone was not retired.
    fs::remove_file(&place.segments()[0]).unwrap();
    let report = place.verify();
    let found = report.finding.as_ref().unwrap();
    assert_eq!((&found.flaw, found.sequence), (&Flaw::NotRetired, report.first), "{report}");
}

#[test]
fn a_start_compares_with_the_checkpoints_it_finds() {
    let place = Place::new();
    let elsewhere = place.home.path().join("checkpoints");
    fs::create_dir(&elsewhere).unwrap();
    let open = || {
        let mut settings = place.settings(Mode::Record);
        settings.checkpoint_to = Some(elsewhere.clone());
        Record::open(settings, place.signer())
    };
    let append = |what: &str| open().unwrap().append_blocking(alert(what)).unwrap();
    append("one");
    let shorter = place.text();
    append("two");
    let (whole, segment) = (place.text(), place.segments().remove(0));
    let copy = elsewhere.join("tools.example.com_audit.checkpoint");
    let copied = Checkpoint::parse(&fs::read_to_string(&copy).unwrap(), &place.key()).unwrap();
    assert_eq!(copied.size(), whole.lines().count() as u64 - 1);
    let refused = |what: &str, flaw: Flaw| match open().unwrap_err() {
        AuditError::Contradicted { finding, .. } => assert_eq!(finding.flaw, flaw, "{what}"),
        other => panic!("{what}: {other}"),
    };
    // The tail is cut where a checkpoint ends, so that nothing in the folder is wrong by itself.
    fs::write(&segment, &shorter).unwrap();
    refused("both copies say so", Flaw::Cut { size: copied.size() });
    fs::remove_file(place.folder().join("checkpoint")).unwrap();
    refused("the one elsewhere says so", Flaw::Cut { size: copied.size() });
    assert_eq!(fs::read_to_string(&segment).unwrap(), shorter, "nothing was written");
    // The whole folder is gone.
    fs::remove_file(&segment).unwrap();
    refused("there was a record", Flaw::Cut { size: copied.size() });
    // Another history of the same key and length.
    fs::rename(&copy, place.home.path().join("kept")).unwrap();
    append("one");
    append("other");
    append("three");
    fs::rename(place.home.path().join("kept"), &copy).unwrap();
    refused("it is another one", Flaw::Rewritten { size: copied.size() });
    fs::write(&copy, "not a checkpoint").unwrap();
    assert!(matches!(open().unwrap_err(), AuditError::Checkpoint { .. }));
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
fn a_collection_gets_checkpoints_that_verification_takes() {
    let place = Place::new();
    let collection = place.home.path().join("checkpoints.log");
    for what in ["one", "two", "three"] {
        let mut settings = place.settings(Mode::Record);
        settings.checkpoint_to = Some(collection.clone());
        let record = Record::open(settings, place.signer()).unwrap();
        record.append_blocking(alert(what)).unwrap();
        record.close();
    }
    let kept = Checkpoint::parse_all(&fs::read_to_string(&collection).unwrap(), &place.key()).unwrap();
    assert!(kept.len() >= 3, "{kept:?}");
    let report = verify(&place.folder(), &place.key(), &kept).unwrap();
    assert_eq!((report.finding, report.too_old), (None, 0));
    // A place that cannot be written stops nothing, and is told.
    let mut settings = place.settings(Mode::Record);
    settings.checkpoint_to = Some(place.home.path().join("missing/checkpoints.log"));
    let record = Record::open(settings, place.signer()).unwrap();
    record.append_blocking(alert("four")).unwrap();
    while record.health().copies.is_none() {
        std::thread::yield_now();
    }
    assert!(record.health().failure.is_none());
}
