//! Host functions in any order, with any argument. `tests/fuzz` does the same
//! for longer, and looks at what was touched.

use bulkhead_base::{ByteSize, Span};
use bulkhead_policy::{Grants, Instance, KvScope, LimitOverrides};
use bulkhead_sandbox::{Failure, Report, Services, Source};
use bulkhead_state::Store;

use crate::harness::{Bench, folder, grants, services, soon};

/// Scripts that are made up.
const SCRIPTS: u64 = 150;
/// Bytes of each.
const BYTES: usize = 400;

/// Bytes as the probe takes them in a text.
fn text(script: &[u8]) -> String {
    script.iter().map(|byte| char::from(*byte)).collect()
}

/// Opens `file` for reading, in the first granted folder.
const OPEN_FILE: [u8; 5] = [1, 0, 0, 1, 0xc4];

#[tokio::test]
async fn the_probe_follows_a_script() {
    let (_dir, inside) = folder();
    std::fs::write(inside.join("file"), "what lies inside").unwrap();
    let bench = Bench::new(&grants(&inside, &["fs=.:/data"]));
    let read = [13, 1, 0, 200];
    let heard = bench.text("script", &text(&[&OPEN_FILE[..], &read].concat())).await;
    assert_eq!(heard, "what lies inside");
    // A handle that it was never given ends the call.
    let forged = bench.call("script", &text(&[0, 77])).await.failure();
    assert!(matches!(&forged, Failure::Trap(why) if why.contains("handle")), "{forged:?}");
}

/// Prints half a line, and gives the stream back.
const HALF_A_LINE: [u8; 10] = [0x41, 0x4a, 0, 4, b'h', b'a', b'l', b'f', 0x5e, 0];

#[tokio::test]
async fn half_a_line_is_told_with_its_own_call_and_before_the_end() {
    for instance in [Instance::Fresh, Instance::Principal] {
        let bench = Bench::new(&Grants { instance, ..Grants::default() });
        for _ in 0..2 {
            let told = bench.call("script", &text(&HALF_A_LINE)).await.reports;
            let [Report::Printed(printed), Report::Spent(_)] = &*told else { panic!("{instance:?}: {told:?}") };
            assert_eq!((printed.source, &*printed.line), (Source::Stdout, "half"));
        }
    }
}

#[tokio::test]
async fn whatever_a_guest_calls_its_host_holds_nothing_of_it_afterwards() {
    let (dir, inside) = folder();
    std::fs::write(inside.join("file"), "inside").unwrap();
    let store = Some(Store::open(&dir.path().join("state.db")).unwrap());
    let mut given = grants(&inside, &["fs=.:/data:rw", "tcp=127.0.0.1:9", "config=port=9"]);
    given.kv = Some(KvScope::Principal);
    let limits = LimitOverrides {
        time: Some(Span::millis(500)),
        cpu: Some(Span::millis(200)),
        memory: Some(ByteSize::mib(16)),
        concurrency: Some(1),
        ..LimitOverrides::default()
    };
    given.limits = limits.resolve();
    let bench = Bench::with(&given, Services { store, ..services() });
    let (mut random, mut followed) = (1_u64, 0);
    for _ in 0..SCRIPTS {
        let script: Vec<u8> = (0..BYTES).map(|_| next(&mut random)).collect();
        match soon(bench.call("script", &text(&script))).await.answer {
            Ok(_) => followed += 1,
            Err(
                Failure::Trap(_)
                | Failure::Exited(_)
                | Failure::OutOfTime(_)
                | Failure::OutOfCpu(_)
                | Failure::OutOfMemory(_)
                | Failure::TooMuchOutput(_)
                | Failure::OutOfResources(_),
            ) => {}
            Err(other) => panic!("{other:?} of {script:?}"),
        }
        // A call that was stopped is gone at its next tick.
        soon(async {
            while bench.plugin.descriptors() > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    assert!(followed > SCRIPTS / 10, "{followed} scripts were followed to their end");
}

fn next(random: &mut u64) -> u8 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    random.to_be_bytes()[0]
}
