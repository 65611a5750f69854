//! A server that is killed at any moment.

use std::{
    collections::HashSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use bulkhead_audit::{Mode, Record, Settings};
use bulkhead_base::ByteSize;

use super::{Place, alert, child, name};

const KILLS: usize = 200;

/// Appends until it is killed, and says what was acknowledged.
pub(super) fn press(record: &Record) {
    println!("open");
    let process = std::process::id();
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                // Some are large, so that writes take long enough to be torn.
                let long = if thread == 0 { "x".repeat(4000) } else { String::new() };
                for n in 0_u64.. {
                    let id = format!("{process}-{thread}-{n}.");
                    let entry = (0..60 * u8::from(thread == 0)).fold(alert(&id), |entry, _| entry.text("more", &long));
                    record.append_blocking(entry).unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "acknowledged {id}").and_then(|()| out.flush()).unwrap();
                }
            });
        }
    });
}

fn spawn(place: &Place) -> Child {
    child::command(place, "press", "exec \"$0\"").stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until a segment grows, which is in the middle of a write.
fn wait_for_a_write(place: &Place) {
    let length = || place.segments().last().and_then(|path| fs::metadata(path).ok()).map(|metadata| metadata.len());
    let (before, begun) = (length(), Instant::now());
    while length() == before && begun.elapsed() < Duration::from_millis(100) {}
}

#[test]
fn a_kill_loses_no_acknowledged_entry() {
    let place = Place::new();
    let (mut acknowledged, mut random) = (HashSet::new(), 0x9e37_79b9_u64);
    for _ in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = spawn(&place);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // Sometimes killed while it opens, mostly while it writes.
        if !(random >> 40).is_multiple_of(8) {
            lines.find(|line| line.contains("open")).expect("the record opens");
        }
        thread::sleep(Duration::from_micros((random >> 33) % 25_000));
        if (random >> 44).is_multiple_of(2) {
            wait_for_a_write(&place);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.filter_map(|line| line.strip_prefix("acknowledged ").map(str::to_owned)));
    }
    place.open().close().unwrap();
    let report = place.assert_holds();
    let text: String = place.segments().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let recorded: HashSet<&str> =
        text.lines().filter_map(|line| line.split("\"what\":\"").nth(1)?.split('"').next()).collect();
    let lost: Vec<_> = acknowledged.iter().filter(|id| !recorded.contains(id.as_str())).collect();
    let recovered = text.matches("\"kind\":\"recovered\"").count();
    println!("{} acknowledged, {} recorded, {recovered} recovered, {report}", acknowledged.len(), recorded.len());
    assert!(lost.is_empty(), "{lost:?}");
    assert!(acknowledged.len() > KILLS / 2, "only {} acknowledged", acknowledged.len());
    assert!(report.segments > 1);
}

/// What a kill in the middle of a write leaves.
#[test]
fn a_torn_write_is_cut_kept_and_said() {
    let place = Place::new();
    let record = place.open();
    record.append_blocking(alert("before")).unwrap();
    record.close().unwrap();
    let whole = place.text();
    let record = place.open();
    record.append_blocking(alert("torn")).unwrap();
    record.close().unwrap();
    let written = place.text();
    let added = &written[whole.len()..];
    for length in (1..added.len()).step_by(3).chain([added.len() - 1]) {
        let copy = super::copy_with(&place, &written.as_bytes()[..whole.len() + length]);
        let folder = copy.path().join("audit");
        let open = || Record::open(Settings::new(&folder, name()), place.signer()).unwrap();
        open().close().unwrap();
        let text = fs::read_to_string(&super::segments(&folder)[0]).unwrap();
        let (kept, recovered) = text.split_at(whole.len());
        assert_eq!(kept, whole);
        let cut = &added.as_bytes()[..length];
        let digest = bulkhead_base::Digest::of(cut);
        let expected = format!("\"bytes\":{length},\"digest\":\"{digest}\"}}\n");
        assert!(recovered.contains("\"kind\":\"recovered\"") && recovered.contains(&expected), "{length}: {recovered}");
        let beside = folder.join(format!("{:020}.{}.cut", 0, whole.len()));
        assert_eq!(fs::read(&beside).unwrap(), cut);
        let report = bulkhead_audit::verify(&folder, &place.key(), &[]).unwrap();
        assert_eq!(report.finding, None, "{length}: {report}");
        // Once is enough.
        open().close().unwrap();
        assert_eq!(fs::read_to_string(&super::segments(&folder)[0]).unwrap(), text);
    }
}

/// Killed after the tail was kept and cut, before that was said.
#[test]
fn a_recovery_that_was_killed_is_taken_up() {
    let place = Place::new();
    place.open().close().unwrap();
    let text = place.text();
    let beside = place.folder().join(format!("{:020}.{}.cut", 0, text.len()));
    fs::write(&beside, "{\"seq\":2").unwrap();
    place.open().close().unwrap();
    assert!(place.text()[text.len()..].contains("\"kind\":\"recovered\""));
    place.assert_holds();
}

/// Killed while a segment was begun.
#[test]
fn a_segment_that_was_hardly_begun_is_set_aside() {
    let place = Place::new();
    let mut settings = place.settings(Mode::Record);
    settings.segment_bytes = ByteSize::bytes(1);
    let record = Record::open(settings, place.signer()).unwrap();
    record.append_blocking(alert("one")).unwrap();
    record.close().unwrap();
    let [first, second] = &place.segments()[..] else { panic!("two segments") };
    let (first, bytes) = (fs::read(first).unwrap(), fs::read(second).unwrap());
    for length in (0..bytes.len()).step_by(7) {
        let copy = super::copy_with(&place, &first);
        let folder = copy.path().join("audit");
        fs::write(folder.join(second.file_name().unwrap()), &bytes[..length]).unwrap();
        Record::open(Settings::new(&folder, name()), place.signer()).unwrap().close().unwrap();
        let report = bulkhead_audit::verify(&folder, &place.key(), &[]).unwrap();
        assert_eq!((report.finding.as_ref(), report.segments), (None, 1), "{length}: {report}");
        let text = fs::read_to_string(&super::segments(&folder)[0]).unwrap();
        assert!(text.contains("\"kind\":\"recovered\",") && text.contains(&format!("\"bytes\":{length},")), "{text}");
    }
}
