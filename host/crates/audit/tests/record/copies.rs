//! Copies of checkpoints, and what a start finds before it writes.

use std::{fs, os::unix::fs::PermissionsExt as _};

use bulkhead_audit::{AuditError, Checkpoint, Flaw, Keypair, Mode, Record, Rehearsal, rehearse, verify};

use super::{Place, alert};

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
fn a_collection_gets_checkpoints_that_verification_takes() {
    let place = Place::new();
    let collection = place.home.path().join("checkpoints.log");
    for what in ["one", "two", "three"] {
        let mut settings = place.settings(Mode::Record);
        settings.checkpoint_to = Some(collection.clone());
        let record = Record::open(settings, place.signer()).unwrap();
        record.append_blocking(alert(what)).unwrap();
        record.close().unwrap();
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

#[test]
fn a_collection_that_a_crash_left_torn_is_taken_up() {
    let place = Place::new();
    let collection = place.home.path().join("checkpoints.log");
    let open = || {
        let mut settings = place.settings(Mode::Record);
        settings.checkpoint_to = Some(collection.clone());
        Record::open(settings, place.signer())
    };
    let append = |what: &str| {
        let record = open().unwrap();
        record.append_blocking(alert(what)).unwrap();
        record.close().unwrap();
    };
    let read = || Checkpoint::parse_all(&String::from_utf8_lossy(&fs::read(&collection).unwrap()), &place.key());
    append("one");
    let whole = fs::read(&collection).unwrap();
    let note = whole.split(|byte| *byte == b'\n').count() - 1;
    assert_eq!(note % 5, 0, "checkpoints have five lines");
    let first = read().unwrap().remove(0).to_string().into_bytes();
    for length in (1..first.len()).step_by(7).chain([first.len() - 1]) {
        let torn = [&whole, &first[..length]].concat();
        fs::write(&collection, &torn).unwrap();
        let before = read().unwrap().len();
        append("next");
        let after = read().unwrap_or_else(|error| panic!("{length}: {error}"));
        assert!(after.len() > before, "{length}: {after:?}");
        assert!(fs::read(&collection).unwrap().starts_with(&torn), "{length}: nothing is taken away");
        let report = verify(&place.folder(), &place.key(), &after[before..]).unwrap();
        assert_eq!(report.finding, None, "{length}: {report}");
    }
    // The very first one was torn.
    fs::write(&collection, &first[..9]).unwrap();
    append("after nothing");
    assert!(read().is_ok());
    // What no crash leaves stops a start, as before.
    fs::write(&collection, "garbage\n").unwrap();
    assert!(matches!(open(), Err(AuditError::Checkpoint { .. })));
}

#[test]
fn a_rehearsal_finds_what_opening_would_and_touches_nothing() {
    let place = Place::new();
    let settings = place.settings(Mode::Record);
    let key = place.key();
    let listed = || {
        let mut found: Vec<_> = fs::read_dir(place.home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.extend(fs::read_dir(place.folder()).into_iter().flatten().map(|entry| entry.unwrap().path()));
        found.sort();
        found.into_iter().map(|path| (fs::metadata(&path).unwrap().modified().unwrap(), path)).collect::<Vec<_>>()
    };
    let before = listed();
    let new = Rehearsal { size: None, is_written: false };
    assert_eq!(rehearse(&settings, Some(&key)).unwrap(), new);
    assert_eq!(rehearse(&settings, None).unwrap(), new);
    assert_eq!(listed(), before);
    let record = place.open();
    record.append_blocking(alert("one")).unwrap();
    assert_eq!(rehearse(&settings, Some(&key)).unwrap(), Rehearsal { size: Some(4), is_written: true });
    record.close().unwrap();
    let (text, segment) = (place.text(), place.segments().remove(0));
    // A torn tail is no fault, and is left for whoever opens it.
    fs::write(&segment, format!("{text}{{\"seq\":4")).unwrap();
    let before = listed();
    assert_eq!(rehearse(&settings, Some(&key)).unwrap(), Rehearsal { size: Some(4), is_written: false });
    assert_eq!(listed(), before);
    fs::write(&segment, text.replacen("\"one\"", "\"two\"", 1)).unwrap();
    assert!(matches!(rehearse(&settings, Some(&key)), Err(AuditError::Broken { .. })));
    fs::write(&segment, &text[..text.len() / 2]).unwrap();
    assert!(matches!(
        rehearse(&settings, Some(&key)),
        Err(AuditError::Contradicted { .. } | AuditError::Broken { .. })
    ));
    fs::write(&segment, &text).unwrap();
    let other = Keypair::generate().unwrap();
    assert!(rehearse(&settings, Some(other.public())).is_err());
    assert_eq!(rehearse(&settings, None).unwrap().size, Some(0), "there is one, whoever signed it");
    // A copy elsewhere says that there was a record.
    let mut elsewhere = settings.clone();
    elsewhere.checkpoint_to = Some(place.home.path().join("kept"));
    fs::copy(place.folder().join("checkpoint"), place.home.path().join("kept")).unwrap();
    elsewhere.folder = place.home.path().join("gone");
    assert!(matches!(rehearse(&elsewhere, Some(&key)), Err(AuditError::Contradicted { .. })));
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(rehearse(&settings, Some(&key)), Err(AuditError::Exposed { .. })));
    let mut below = settings;
    below.folder = segment.join("audit");
    assert!(matches!(rehearse(&below, Some(&key)), Err(AuditError::File { .. })), "a file is no folder");
}
