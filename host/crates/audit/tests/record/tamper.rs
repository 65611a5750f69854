//! Somebody who can write into the folder and has no key.

use std::fs;

use bulkhead_audit::{Checkpoint, Finding, Flaw, Keypair, Mode, Record, verify};

use tempfile::TempDir;

use super::{Place, alert, copy_with};

/// A record of some writes, by line: a head and its checkpoint, and entries,
/// each with its own.
fn small(entries: usize) -> (Place, Vec<String>) {
    let place = Place::new();
    let record = place.open();
    for what in &["one", "two", "three", "four"][..entries] {
        record.append_blocking(alert(what)).unwrap();
    }
    record.close().unwrap();
    let lines: Vec<String> = place.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2 + 2 * entries);
    (place, lines)
}

/// What is found when `touched` stands in the place of the segment in `copy`.
fn finding_in(copy: &TempDir, place: &Place, touched: &[u8]) -> Option<Finding> {
    let folder = copy.path().join("audit");
    fs::write(&super::segments(&folder)[0], touched).unwrap();
    verify(&folder, &place.key(), &[]).unwrap().finding
}

fn finding(place: &Place, bytes: &[u8]) -> Option<Finding> {
    finding_against(place, bytes, &[]).0
}

fn finding_against(place: &Place, bytes: &[u8], against: &[Checkpoint]) -> (Option<Finding>, u64) {
    let copy = copy_with(place, bytes);
    let report = verify(&copy.path().join("audit"), &place.key(), against).unwrap();
    (report.finding, report.vouched)
}

fn rejoin(lines: &[&String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

#[test]
fn every_byte_that_is_altered_is_found_in_its_line() {
    let (place, lines) = small(2);
    let text = rejoin(&lines.iter().collect::<Vec<_>>());
    let copy = copy_with(&place, &text);
    assert_eq!(finding_in(&copy, &place, &text), None);
    let (mut line, mut tried) = (1, 0);
    for at in 0..text.len() {
        for flip in [1, 0x80] {
            let mut touched = text.clone();
            touched[at] ^= flip;
            let found =
                finding_in(&copy, &place, &touched).unwrap_or_else(|| panic!("byte {at} ^ {flip:#x} was not found"));
            tried += 1;
            if at + 1 == text.len() {
                assert_eq!((found.line(), found.flaw), (Some(5), Flaw::Unsigned), "the end is as after a torn write");
                continue;
            }
            assert_eq!(found.line(), Some(line), "byte {at} ^ {flip:#x}: {found}");
            assert_eq!(found.sequence, line - 1, "byte {at} ^ {flip:#x}: {found}");
        }
        line += u64::from(text[at] == b'\n');
    }
    assert_eq!(tried, 2 * text.len());
}

#[test]
fn every_byte_that_is_removed_or_doubled_is_found() {
    let (place, lines) = small(2);
    let text = rejoin(&lines.iter().collect::<Vec<_>>());
    let copy = copy_with(&place, &text);
    assert_eq!(finding_in(&copy, &place, &text), None);
    let mut line = 1;
    for at in 0..text.len() {
        let removed = [&text[..at], &text[at + 1..]].concat();
        let doubled = [&text[..=at], &text[at..]].concat();
        for touched in [removed, doubled] {
            let found = finding_in(&copy, &place, &touched).unwrap_or_else(|| panic!("byte {at} was not found"));
            if at + 1 == text.len() && touched.len() < text.len() {
                assert_eq!((found.line(), found.flaw), (Some(5), Flaw::Unsigned), "the end is as after a torn write");
                continue;
            }
            // A second line feed is a line of its own, behind this one.
            let behind = u64::from(text[at] == b'\n' && touched.len() > text.len());
            assert_eq!(found.line(), Some(line + behind), "byte {at}: {found}");
        }
        line += u64::from(text[at] == b'\n');
    }
}

#[test]
fn lines_that_are_removed_swapped_or_doubled_are_named() {
    let (place, lines) = small(4);
    let all: Vec<&String> = lines.iter().collect();
    for at in 0..all.len() {
        let mut removed = all.clone();
        removed.remove(at);
        let (found, vouched) = finding_against(&place, &rejoin(&removed), &[]);
        let found = found.unwrap_or_else(|| panic!("line {} was not missed", at + 1));
        match at {
            0 => assert_eq!((found.line(), found.flaw), (Some(1), Flaw::Altered), "a segment begins with its head"),
            // What it covered has no checkpoint any more.
            9 => assert_eq!((found.line(), found.sequence, found.flaw), (Some(9), 8, Flaw::Unsigned)),
            _ => {
                assert_eq!((found.sequence, &found.flaw), (at as u64, &Flaw::Removed), "line {}: {found}", at + 1);
                assert_eq!(vouched, at as u64, "{found}");
            }
        }
        let mut doubled = all.clone();
        doubled.insert(at, all[at]);
        let found = finding(&place, &rejoin(&doubled)).unwrap_or_else(|| panic!("line {} stood twice", at + 1));
        let expected = if at == 9 { Flaw::Inserted } else { found.flaw.clone() };
        assert_eq!((found.line(), &found.flaw), (Some(at as u64 + 2), &expected), "{found}");
        for other in at + 1..all.len() {
            let mut swapped = all.clone();
            swapped.swap(at, other);
            let found = finding(&place, &rejoin(&swapped)).unwrap_or_else(|| panic!("{at} and {other} were swapped"));
            assert_eq!(found.line(), Some(at as u64 + 1), "{at} and {other}: {found}");
        }
    }
}

#[test]
fn within_one_write_each_kind_of_touch_has_its_name() {
    let place = Place::new();
    let record = Record::open(place.settings(Mode::Batch), place.signer()).unwrap();
    // Many that nobody waits for, so that some share a write.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for n in 0..64 {
            record.append(alert(&format!("entry {n}"))).await.unwrap();
        }
    });
    // And others behind them.
    for n in 64..66 {
        record.append_blocking(alert(&format!("entry {n}"))).unwrap();
    }
    record.close().unwrap();
    let text = place.text();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let seals: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("\"checkpoint\"")).collect();
    let wide = seals.windows(2).find(|pair| pair[1] - pair[0] > 4).expect("a write of several entries");
    let at = wide[0] + 2;
    let all: Vec<&String> = lines.iter().collect();
    let check = |lines: Vec<&String>, flaw: Flaw, line: usize| {
        let (found, vouched) = finding_against(&place, &rejoin(&lines), &[]);
        let found = found.unwrap();
        assert_eq!(
            (found.flaw.clone(), found.line(), found.sequence),
            (flaw, Some(line as u64 + 1), line as u64),
            "{found}"
        );
        assert_eq!(vouched, line as u64, "everything before it holds");
    };
    let altered = lines[at].replace("entry", "Entry");
    let mut touched = all.clone();
    touched[at] = &altered;
    check(touched, Flaw::Altered, at);
    let mut touched = all.clone();
    touched.remove(at);
    check(touched, Flaw::Removed, at);
    let mut touched = all.clone();
    touched.swap(at, at + 1);
    check(touched, Flaw::Reordered, at);
    let mut touched = all.clone();
    touched.insert(at, &altered);
    check(touched, Flaw::Inserted, at);
    let mut touched = all.clone();
    touched.drain(wide[0] + 1..=wide[1]);
    check(touched, Flaw::Removed, wide[0] + 1);
}

#[test]
fn a_cut_tail_is_found_by_a_checkpoint_kept_elsewhere() {
    let (place, lines) = small(2);
    let kept = fs::read_to_string(place.folder().join("checkpoint")).unwrap();
    let kept = Checkpoint::parse(&kept, &place.key()).unwrap();
    assert_eq!(kept.size(), 5);
    let whole = rejoin(&lines.iter().collect::<Vec<_>>());
    assert_eq!(finding_against(&place, &whole, std::slice::from_ref(&kept)).0, None);
    for length in 0..whole.len() {
        let cut = &whole[..length];
        // A cut behind a checkpoint is a record of its own …
        let seal = length > 0
            && cut.ends_with(b"\n")
            && cut[..length - 1].rsplit(|b| *b == b'\n').next().unwrap().windows(13).any(|w| w == b"\"kind\":\"check");
        assert_eq!(finding(&place, cut).is_none(), seal, "cut at {length}");
        // … but for a checkpoint that says more.
        let (found, _) = finding_against(&place, cut, std::slice::from_ref(&kept));
        assert!(found.is_some(), "cut at {length}");
        if seal {
            assert_eq!(found.unwrap().flaw, Flaw::Cut { size: 5 }, "cut at {length}");
        }
    }
}

#[test]
fn a_record_written_anew_is_found_by_a_checkpoint_kept_elsewhere() {
    let (place, _) = small(4);
    let kept = fs::read_to_string(place.folder().join("checkpoint")).unwrap();
    let kept = Checkpoint::parse(&kept, &place.key()).unwrap();
    fs::remove_dir_all(place.folder()).unwrap();
    let record = place.open();
    for what in ["one", "two", "other", "four", "five"] {
        record.append_blocking(alert(what)).unwrap();
    }
    record.close().unwrap();
    place.assert_holds();
    let report = verify(&place.folder(), &place.key(), &[kept]).unwrap();
    let found = report.finding.unwrap();
    assert_eq!(found.flaw, Flaw::Rewritten { size: 9 });
    assert_eq!(report.vouched, 0, "its own checkpoints say nothing any more");
}

#[test]
fn another_key_is_told_from_an_altered_record() {
    let (place, _) = small(4);
    let other = Keypair::generate().unwrap();
    let report = verify(&place.folder(), other.public(), &[]).unwrap();
    assert_eq!(report.finding.unwrap().flaw, Flaw::Foreign);
    assert_eq!(report.vouched, 0);
}
