//! A call ends, whatever the guest does, and costs nobody else.

use std::time::{Duration, Instant};

use bulkhead_base::{ByteSize, OperationKind, Span};
use bulkhead_policy::LimitOverrides;
use bulkhead_sandbox::{Ask, Call, Failure, ReportSender};
use futures_util::FutureExt as _;

use crate::harness::{Bench, context, permit, permit_for, soon};

#[tokio::test]
async fn an_endless_loop_ends_by_processor_time() {
    let bench = Bench::limited(LimitOverrides { cpu: Some(Span::millis(200)), ..LimitOverrides::default() });
    let start = Instant::now();
    let failure = soon(bench.call("spin", "")).await.failure();
    assert!(matches!(failure, Failure::OutOfCpu(_)), "{failure:?}");
    assert!(start.elapsed() < Duration::from_secs(30));
    assert_eq!(bench.text("echo", "still here").await, "still here");
}

#[tokio::test]
async fn waiting_is_no_processor_time_but_ends_by_the_wall_clock() {
    let limits = |time| LimitOverrides { cpu: Some(Span::millis(100)), time: Some(time), ..Default::default() };
    let bench = Bench::limited(limits(Span::secs(30)));
    assert_eq!(bench.text("sleep", "300").await, "awake");
    let bench = Bench::limited(limits(Span::millis(600)));
    let failure = soon(bench.call("sleep", "30000")).await.failure();
    assert!(matches!(failure, Failure::OutOfTime(_)), "{failure:?}");
}

#[tokio::test]
async fn memory_ends_where_the_wall_is() {
    let bench = Bench::limited(LimitOverrides { memory: Some(ByteSize::mib(8)), ..LimitOverrides::default() });
    assert_eq!(bench.text("hog", "4").await, (4 << 20).to_string());
    let failure = bench.call("hog", "16").await.failure();
    assert!(matches!(failure, Failure::OutOfMemory(limit) if limit == ByteSize::mib(8)), "{failure:?}");
    assert_eq!(bench.text("hog", "4").await, (4 << 20).to_string());
}

#[tokio::test]
async fn a_trap_a_panic_and_an_exit_are_told_apart() {
    let bench = Bench::limited(LimitOverrides::default());
    assert!(matches!(bench.call("panic", "").await.failure(), Failure::Trap(_)));
    assert!(matches!(bench.call("recurse", "0").await.failure(), Failure::Trap(_)));
    assert!(matches!(bench.call("exit", "").await.failure(), Failure::Exited(1)));
    assert_eq!(bench.error("no-such", "").await, "no such tool");
    assert_eq!(bench.text("echo", "unharmed").await, "unharmed");
}

#[tokio::test]
async fn a_flood_of_output_is_refused() {
    let bench = Bench::limited(LimitOverrides { output: Some(ByteSize::kib(64)), ..LimitOverrides::default() });
    assert_eq!(bench.text("flood", "1000").await.len(), 1000);
    for bytes in ["66000", "40000000"] {
        let failure = bench.call("flood", bytes).await.failure();
        assert!(matches!(failure, Failure::TooMuchOutput(_)), "{bytes}: {failure:?}");
    }
}

/// The least that a thread is lent to a guest for which computes on: the guest is
/// looked at after a tick, and has to have computed for 2 ms of the next one.
const TICK: Duration = Duration::from_millis(2);

/// How soon a call that nobody waits for has stopped.
const SOON: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_dropped_call_stops_within_fifty_milliseconds() {
    let limits = LimitOverrides { concurrency: Some(1), cpu: Some(Span::secs(30)), ..LimitOverrides::default() };
    let bench = Bench::limited(limits);
    let permit = permit("me", OperationKind::CallTool, "spin");
    let mut quickest = Duration::MAX;
    // A busy machine may be late; a guest that runs on is late every time.
    for _ in 0..40 {
        let spin = Ask::Tool { name: "spin".into(), arguments: String::new() };
        let call = Call { context: context(), ask: spin };
        let mut spinning = Box::pin(bench.engine.invoke(&bench.plugin, &permit, call, ReportSender::nobody()));
        assert!(tokio::time::timeout(Duration::from_millis(100), &mut spinning).await.is_err());
        let dropped = Instant::now();
        drop(spinning);
        // The plugin has one place: the next call runs once the guest is gone.
        assert_eq!(bench.text("echo", "next").await, "next");
        quickest = quickest.min(dropped.elapsed());
        if quickest < SOON {
            break;
        }
    }
    assert!(quickest < SOON, "{quickest:?}");
}

/// A call that comes alone begins where it came in, and does not stay there.
#[tokio::test]
async fn a_guest_that_computes_on_gives_back_the_thread_that_it_was_lent() {
    let bench = Bench::limited(LimitOverrides { cpu: Some(Span::secs(30)), ..LimitOverrides::default() });
    let permit = permit("me", OperationKind::CallTool, "spin");
    let spin = Ask::Tool { name: "spin".into(), arguments: String::new() };
    let call = Call { context: context(), ask: spin };
    let mut spinning = Box::pin(bench.engine.invoke(&bench.plugin, &permit, call, ReportSender::nobody()));
    let began = Instant::now();
    assert!((&mut spinning).now_or_never().is_none());
    let took = began.elapsed();
    assert!(took >= TICK, "it was lent the thread: {took:?}");
    assert!(took < Duration::from_secs(5), "it gave the thread back: {took:?}");
}

#[tokio::test]
async fn a_call_is_answered_soon_while_twice_as_many_spin_as_there_are_threads() {
    let limits = LimitOverrides { cpu: Some(Span::secs(50)), time: Some(Span::secs(50)), ..LimitOverrides::default() };
    let bench = Bench::limited(limits);
    let spins: Vec<_> = (0..4).map(|_| bench.call("spin", "")).collect();
    let mut spins = Box::pin(futures_util::future::join_all(spins));
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut spins).await.is_err());
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        let echo = bench.text("echo", "hello");
        tokio::select! {
            text = echo => assert_eq!(text, "hello"),
            _ = &mut spins => panic!("the spinning calls ended first"),
        }
        times.push(start.elapsed());
    }
    times.sort();
    // One that is late may be so for another's sake; if guests did not give way, all would wait for the spinning ones.
    assert!(times[10] < Duration::from_millis(200) && times[20] < Duration::from_secs(10), "{times:?}");
}

#[tokio::test]
async fn a_crowd_is_turned_away_at_once() {
    let bench = Bench::limited(LimitOverrides { concurrency: Some(1), ..LimitOverrides::default() });
    let calls: Vec<_> = (0..12).map(|_| bench.call("sleep", "50")).collect();
    let told = soon(futures_util::future::join_all(calls)).await;
    let busy = told.iter().filter(|told| matches!(told.answer, Err(Failure::Busy))).count();
    assert!(busy > 0 && busy < told.len(), "{busy} of {}", told.len());
}

#[tokio::test]
async fn handles_timers_and_random_bytes_run_out() {
    let bench =
        Bench::limited(LimitOverrides { timers: Some(8), random: Some(ByteSize::kib(4)), ..Default::default() });
    assert_eq!(bench.text("timers", "8").await, "8");
    assert!(matches!(bench.call("timers", "9").await.failure(), Failure::OutOfResources("timers")));
    assert_eq!(bench.text("random", "2000").await, "2000");
    assert!(matches!(bench.call("random", "5000").await.failure(), Failure::OutOfResources("random bytes")));
    let bench = Bench::limited(LimitOverrides { handles: Some(32), timers: Some(1000), ..LimitOverrides::default() });
    assert!(matches!(bench.call("timers", "40").await.failure(), Failure::OutOfResources("handles")));
}

#[tokio::test]
async fn a_permit_opens_what_it_is_for() {
    let bench = Bench::limited(LimitOverrides::default());
    let read = |uri: &str| Call { context: context(), ask: Ask::Read { uri: uri.into() } };
    let invoke = async |permit, call| bench.engine.invoke(&bench.plugin, permit, call, ReportSender::nobody()).await;
    let tool = permit("me", OperationKind::CallTool, "echo");
    assert!(matches!(invoke(&tool, read("a:b")).await, Err(Failure::WrongPermit)));
    let resource = permit("me", OperationKind::ReadResource, "a:b");
    assert!(matches!(invoke(&resource, read("a:c")).await, Err(Failure::WrongPermit)));
    assert!(invoke(&resource, read("a:b")).await.is_ok());
    let call = |name: &str| Call { context: context(), ask: Ask::Tool { name: name.into(), arguments: "{}".into() } };
    assert!(matches!(invoke(&tool, call("sleep")).await, Err(Failure::WrongPermit)));
    let elsewhere = permit_for("other", "me", OperationKind::CallTool, "other.echo");
    assert!(matches!(invoke(&elsewhere, call("echo")).await, Err(Failure::WrongPermit)));
    let prompt = Ask::Prompt { name: "p".into(), arguments: vec![] };
    let permit = permit("me", OperationKind::GetPrompt, "p");
    let missing = invoke(&permit, Call { context: context(), ask: prompt }).await;
    assert!(matches!(missing, Err(Failure::Missing("prompts"))));
}
