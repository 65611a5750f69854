//! Many swaps under load.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{house, place};
use crate::harness::{Client, Era, PATIENCE, Press, metrics, ports, wait_until};

const SWAPS: u32 = 200;

fn version(client: &mut Client, milliseconds: u32) -> u32 {
    let answer = client.call("versioned_run", json!({"milliseconds": milliseconds}));
    let text = answer.text();
    let number = text.strip_prefix("@version-").and_then(|rest| rest.strip_suffix('@')).and_then(|n| n.parse().ok());
    number.unwrap_or_else(|| panic!("no version: {answer:?}"))
}

#[test]
fn two_hundred_swaps_under_load_fail_no_call() {
    let (house, press) = house();
    let server = house.serve();
    let path = house.join("plugins/versioned.wasm");
    let (stop, calls, newest) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicU32::new(1));
    thread::scope(|scope| {
        for era in [Era::Modern, Era::Legacy, Era::Modern, Era::Legacy] {
            let (server, stop, calls, newest) = (&server, &stop, &calls, &newest);
            scope.spawn(move || {
                let mut client = server.client(era);
                let mut last = 0;
                while !stop.load(Ordering::SeqCst) {
                    let nap = if era == Era::Legacy { 20 } else { 0 };
                    let found = version(&mut client, nap);
                    assert!(found <= newest.load(Ordering::SeqCst), "a version from the future");
                    assert!(found >= last, "back from {last} to {found}");
                    last = found;
                    assert_eq!(client.tools().len(), 4, "no half of a change");
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let mut watcher = server.client(Era::Modern);
        for n in 2..=SWAPS + 1 {
            newest.store(n, Ordering::SeqCst);
            place(&path, &press.print(n));
            let began = Instant::now();
            while version(&mut watcher, 0) != n {
                assert!(began.elapsed() < PATIENCE, "version {n} never came: {}", server.lines());
                thread::sleep(Duration::from_millis(5));
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    assert!(calls.load(Ordering::SeqCst) > 200, "there was load: {calls:?}");
}

#[test]
fn a_call_ends_on_the_version_it_began_on() {
    let ((mut house, press), admin) = (house(), ports::free());
    house.edit(|config| {
        config["admin"] = json!({"listen": admin.to_string()});
        config["plugins"]["versioned"]["limits"] = json!({"time": "60s"});
    });
    let server = house.serve();
    thread::scope(|scope| {
        let long = scope.spawn(|| version(&mut server.client(Era::Modern), 15_000));
        metrics::wait_until_begun(admin, 1);
        place(&house.join("plugins/versioned.wasm"), &press.print(2));
        let mut client = server.client(Era::Modern);
        wait_until("the new version answers", || version(&mut client, 0) == 2);
        assert!(!long.is_finished(), "the long call is still under way");
        assert_eq!(long.join().expect("no panic"), 1);
    });
}

#[test]
fn a_restart_serves_what_was_accepted() {
    let (house, press) = house();
    {
        let server = house.serve();
        place(&house.join("plugins/versioned.wasm"), &press.print(7));
        let mut client = server.client(Era::Modern);
        wait_until("version 7 answers", || version(&mut client, 0) == 7);
    }
    let server = house.serve();
    assert_eq!(version(&mut server.client(Era::Modern), 0), 7);
    assert_eq!(Press::answer(7), "@version-00000007@");
}
