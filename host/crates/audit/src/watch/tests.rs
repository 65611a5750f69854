//! A disk that hangs, at the one place where the writer waits for it: there is
//! no file that hangs when one wants it to.

use std::{
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use crate::{AppendError, Entry, Keypair, Kind, Mode, PublicKey, Record, Settings, verify};

/// Long enough for a write on a busy machine, short enough to be waited for.
const STALL: Duration = Duration::from_millis(1500);

/// The writer waits here for as long as it is shut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Mutex<Stands>, Condvar)>);

#[derive(Debug, Default)]
struct Stands {
    shut: bool,
    /// Whether the writer stands before it.
    before: bool,
}

impl Gate {
    pub(crate) fn pass(&self) {
        let (stands, changed) = &*self.0;
        let mut stands = stands.lock().unwrap();
        while stands.shut {
            stands.before = true;
            changed.notify_all();
            stands = changed.wait(stands).unwrap();
        }
        stands.before = false;
    }

    fn shut(&self, shut: bool) {
        self.0.0.lock().unwrap().shut = shut;
        self.0.1.notify_all();
    }

    /// Waits until the writer stands before it.
    fn meet(&self) {
        let (stands, changed) = &*self.0;
        drop(changed.wait_while(stands.lock().unwrap(), |stands| !stands.before).unwrap());
    }
}

/// A record on a disk that hangs while the gate is shut.
struct Place {
    home: tempfile::TempDir,
    gate: Gate,
    key: PublicKey,
}

impl Place {
    fn open(mode: Mode) -> (Self, Record) {
        let (home, gate, key) = (tempfile::tempdir().unwrap(), Gate::default(), Keypair::generate().unwrap());
        let mut settings = Settings::new(home.path().join("audit"), "tools.example.com/audit".parse().unwrap());
        (settings.mode, settings.stall, settings.gate) = (mode, STALL, gate.clone());
        let public = key.public().clone();
        let record = Record::open(settings, key).unwrap();
        (Self { home, gate, key: public }, record)
    }

    fn text(&self) -> String {
        let segment = self.home.path().join("audit/00000000000000000000.jsonl");
        std::fs::read_to_string(segment).unwrap()
    }
}

fn entry(what: &str) -> Entry {
    Entry::new(Kind::Alert, std::time::SystemTime::now()).text("what", what)
}

fn refusal(appended: Result<u64, AppendError>) -> String {
    appended.unwrap_err().to_string()
}

const HANGS: &str = "the record cannot be written: the disk has taken nothing for 1.5 s";

#[test]
fn who_waits_for_a_disk_that_hangs_is_told_and_it_heals() {
    let (place, record) = Place::open(Mode::Record);
    record.append_blocking(entry("before")).unwrap();
    place.gate.shut(true);
    let begun = Instant::now();
    thread::scope(|scope| {
        // The first one is written alone, the others wait for the next write.
        let append = || refusal(record.append_blocking(entry("hung")));
        let first = scope.spawn(append);
        place.gate.meet();
        let others = [(); 3].map(|()| scope.spawn(append));
        for one in [first].into_iter().chain(others) {
            assert_eq!(one.join().unwrap(), HANGS);
        }
    });
    let took = begun.elapsed();
    assert!(took >= STALL && took < STALL * 10, "{took:?}");
    // Who comes next is told at once, and so is who asks.
    let begun = Instant::now();
    assert_eq!(refusal(record.append_blocking(entry("next"))), HANGS);
    assert!(begun.elapsed() < STALL);
    assert!(record.health().failure.is_some());
    place.gate.shut(false);
    while record.health().failure.is_some() {
        thread::sleep(Duration::from_millis(5));
    }
    record.append_blocking(entry("after")).unwrap();
    record.close().unwrap();
    let text = place.text();
    assert_eq!((text.matches("\"hung\"").count(), text.matches("\"next\"").count()), (1, 0), "{text}");
    assert!(text.contains("\"failure\":\"the disk has taken nothing for 1.5 s\",\"lost\":3,\"late\":1}"), "{text}");
    let report = verify(&place.home.path().join("audit"), &place.key, &[]).unwrap();
    assert_eq!(report.finding, None, "{report}");
}

#[test]
fn who_waits_for_room_is_told_too() {
    let (place, record) = Place::open(Mode::Batch);
    place.gate.shut(true);
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let large = "x".repeat(4000);
    // More than the queue holds, and what is being written.
    let told = runtime.block_on(async {
        for _ in 0..1000 {
            record.append((0..16).fold(entry("much"), |entry, _| entry.text("more", &large))).await?;
        }
        Ok::<_, AppendError>(())
    });
    assert_eq!(told.unwrap_err().to_string(), HANGS);
    assert!(begun.elapsed() < STALL * 10);
    place.gate.shut(false);
}

#[test]
fn an_entry_whose_caller_leaves_before_there_is_room_is_handed_on() {
    use std::{
        future::Future as _,
        pin::pin,
        task::{Context, Waker},
    };

    let (place, record) = Place::open(Mode::Batch);
    place.gate.shut(true);
    let large = "x".repeat(4000);
    let much = || (0..16).fold(entry("much"), |entry, _| entry.text("more", &large));
    while record.offer(much()).unwrap().is_none() {}
    while record.offer(entry("little")).unwrap().is_none() {}
    let mut handed = None;
    {
        let mut waiting = pin!(record.append_or(entry("left"), |entry| handed = Some(entry)));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let left = handed.expect("it is not lost");
    place.gate.shut(false);
    record.append_blocking(left).unwrap();
    let mut handed = false;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(record.append_or(entry("stayed"), |_| handed = true)).unwrap();
    record.close().unwrap();
    assert!(!handed && place.text().contains("\"left\"") && place.text().contains("\"stayed\""));
}

#[test]
fn a_stop_does_not_hang_with_the_disk_and_says_what_was_left() {
    let (place, record) = Place::open(Mode::Batch);
    place.gate.shut(true);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..3 {
        runtime.block_on(record.append(entry("queued"))).unwrap();
    }
    let begun = Instant::now();
    let left = record.close_within(Duration::from_millis(500)).unwrap_err();
    assert_eq!(left.to_string(), "the disk has taken nothing for 500 ms; 3 entries were left unwritten");
    assert!(begun.elapsed() < STALL * 10, "{:?}", begun.elapsed());
    assert!(matches!(record.append_blocking(entry("late")), Err(AppendError::Closed)));
    // A disk that comes back gets them all the same.
    place.gate.shut(false);
    record.close().unwrap();
    assert_eq!(place.text().matches("queued").count(), 3);
}
