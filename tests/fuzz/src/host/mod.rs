//! What a guest hands to its host: a real component calls the host's functions
//! as the input says, with any argument and in any order, through the sandbox's
//! one public door. The component is the probe of the sandbox's own tests; the
//! engine is the one that serves.
//!
//! Whatever it does, the call ends in one of the stated ways, nothing beside
//! the granted folder is touched or told, nothing arrives anywhere that was not
//! granted, and the host holds nothing of it afterwards.

mod bench;
mod folder;
mod listeners;

use bulkhead_sandbox::{
    Failure, Report,
    answer::{Content, Outcome, ToolReply},
};

use bench::{Bench, LIMITS, Told};

/// What lies where no call may look: in a file beside the granted folder, and
/// in the store of another caller.
const HIDDEN: &str = "what-nobody-is-told-7f3a";

/// What the host sends to one origin over TLS, and no guest ever holds.
const SECRET: &str = "s3cret-t0ken-of-the-origin-91";

/// Reports that wait at a time, at most.
const PENDING: usize = 128;

pub fn holds(data: &[u8]) {
    let bench = Bench::get();
    let told = bench.call(data);
    ended(&told);
    reported(&told.reports);
    bench.settles();
    bench.clear();
}

/// In one of the ways that a guest's call ends.
fn ended(told: &Told) {
    match &told.answer {
        Ok(Outcome::Tool(ToolReply::Done(result))) => {
            let [block] = &*result.content else { panic!("{} blocks", result.content.len()) };
            let Content::Text(heard) = &block.content else { panic!("no text") };
            hears(heard);
        }
        Err(Failure::Trap(text)) => hears(text),
        Err(
            Failure::Exited(0 | 1)
            | Failure::OutOfTime(_)
            | Failure::OutOfCpu(_)
            | Failure::OutOfMemory(_)
            | Failure::TooMuchOutput(_)
            | Failure::OutOfResources(_),
        ) => {}
        other => panic!("it ended in no way that is stated: {other:?}"),
    }
}

/// What a guest hears tells nothing that it was not given.
fn hears(text: &str) {
    let bench = Bench::get();
    for hidden in [HIDDEN, SECRET, &bench.token_in_base64, &bench.path_of_programs, bench.place()] {
        assert!(!text.contains(hidden), "a guest heard {hidden:?}: {text:?}");
    }
}

/// What is told of a call keeps its bounds, and its order.
fn reported(reports: &[Report]) {
    assert!(reports.len() <= PENDING);
    let (mut said, mut denied, mut at) = (0, 0, f64::NEG_INFINITY);
    for (index, report) in reports.iter().enumerate() {
        match report {
            Report::Progress(progress) => {
                assert!(progress.progress.is_finite() && progress.progress > at, "{progress:?} after {at}");
                assert!(progress.total.is_none_or(f64::is_finite));
                short(progress.message.as_deref());
                at = progress.progress;
            }
            Report::Log(line) => said += line.data.len() + line.logger.as_ref().map_or(0, String::len),
            // A byte that is no text takes three as one that stands for it.
            Report::Printed(printed) => said += printed.line.chars().count(),
            Report::ResourceUpdated(text) | Report::TaskStatus(text) => short(Some(text)),
            Report::Visibility { name, .. } => assert_eq!(name, "echo", "the contract names nothing else"),
            Report::Denied(denial) => {
                denied += 1;
                assert!(denial.detail.chars().count() <= 256);
                assert!(!denial.detail.contains(SECRET));
            }
            Report::Spent(spent) => {
                assert_eq!(index + 1, reports.len(), "something was told after the end");
                assert!(spent.memory <= LIMITS.memory.get(), "{spent:?}");
            }
            Report::ResourcesChanged | Report::CloseStream { .. } => {}
        }
    }
    assert!(said as u64 <= LIMITS.log.get(), "{said} bytes were said");
    assert!(denied <= 16, "{denied} denials");
}

fn short(text: Option<&str>) {
    assert!(text.is_none_or(|text| text.len() <= 4 << 10));
}
