//! Variables, settings, kept values, clocks, lines: granted and denied.

use std::path::Path;

use bulkhead_base::ByteSize;
use bulkhead_policy::{Grants, KvScope, LimitOverrides};
use bulkhead_sandbox::{Capability, Report, Services, Source};
use bulkhead_state::Store;

use crate::harness::{Bench, grants, services};

#[tokio::test]
async fn only_granted_variables_are_seen() {
    assert_eq!(Bench::new(&Grants::default()).text("env", "").await, "");
    let bench = Bench::new(&grants(Path::new("/"), &["env=UNITS=metric"]));
    assert_eq!(bench.text("env", "").await, "UNITS=metric");
}

#[tokio::test]
async fn settings_are_what_the_entry_says() {
    let bench = Bench::new(&grants(Path::new("/"), &["config=language=en"]));
    assert_eq!(bench.text("config", "language").await, r#"Ok(Some("en"))"#);
    assert_eq!(bench.text("config", "other").await, "Ok(None)");
}

fn with_store(dir: &Path, kv: Option<KvScope>) -> Bench {
    let store = Some(Store::open(&dir.join("state.db")).unwrap());
    Bench::with(&Grants { kv, ..Grants::default() }, Services { store, ..services() })
}

#[tokio::test]
async fn a_store_is_denied_until_it_is_granted() {
    let dir = tempfile::tempdir().unwrap();
    let told = with_store(dir.path(), None).call("kv", "get a").await;
    let denial = told.denials()[0].clone();
    assert_eq!(denial.capability, Capability::Kv);
    assert!(denial.allow_line.unwrap().ends_with("plugins.probe.grants.kv in mcp.yaml: kv: true"));
    assert!(told.error().contains("AccessDenied"));
}

#[tokio::test]
async fn each_caller_has_a_store_of_its_own_unless_it_is_shared() {
    let dir = tempfile::tempdir().unwrap();
    let bench = with_store(dir.path(), Some(KvScope::Principal));
    assert_eq!(bench.call_as("me", "kv", "set a mine").await.text(), "set");
    assert_eq!(bench.call_as("me", "kv", "get a").await.text(), "mine");
    assert_eq!(bench.call_as("you", "kv", "get a").await.text(), "nothing");
    assert_eq!(bench.call_as("you", "kv", "list").await.text(), "");
    assert_eq!(bench.call_as("me", "kv", "add n").await.text(), "1");
    assert_eq!(bench.call_as("me", "kv", "add n").await.text(), "2");
    let shared = with_store(dir.path(), Some(KvScope::Shared));
    assert_eq!(shared.call_as("me", "kv", "set a ours").await.text(), "set");
    assert_eq!(shared.call_as("you", "kv", "get a").await.text(), "ours");
}

#[tokio::test]
async fn clocks_are_coarse_unless_granted_fine() {
    let bench = Bench::new(&Grants::default());
    for part in bench.text("clock", "").await.split(' ').enumerate().filter(|(at, _)| *at != 1).map(|(_, part)| part) {
        assert_eq!(part.parse::<u64>().unwrap() % 1_000_000, 0, "{part}");
    }
}

#[tokio::test]
async fn progress_rises_and_lines_have_a_level() {
    let bench = Bench::new(&Grants::default());
    let told = bench.call("progress", "").await;
    let progress: Vec<f64> = told
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Progress(progress) => Some(progress.progress),
            _ => None,
        })
        .collect();
    assert_eq!(progress, [1.0, 2.0, 3.0]);
    let told = bench.call("log", "").await;
    let lines: Vec<&str> = told
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Log(line) => Some(line.data.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(lines, ["\"high\""]);
}

#[tokio::test]
async fn what_a_guest_prints_goes_to_the_log_and_ends() {
    let bench = Bench::limited(LimitOverrides { log: Some(ByteSize::bytes(40)), ..LimitOverrides::default() });
    let told = bench.call("print", &"x".repeat(1000)).await;
    let printed: Vec<_> = told
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::Printed(printed) => Some((printed.source, printed.line.len())),
            _ => None,
        })
        .collect();
    assert_eq!(printed, [(Source::Stdout, 40)]);
}

#[tokio::test]
async fn only_what_the_contract_has_can_be_hidden() {
    let bench = Bench::new(&Grants::default());
    let told = bench.call("hide", "echo").await;
    assert!(told.reports.iter().any(|report| matches!(report, Report::Visibility { visible: false, .. })));
    let told = bench.call("hide", "other").await;
    assert!(told.reports.iter().all(|report| matches!(report, Report::Spent(_))), "{:?}", told.reports);
    assert!(told.text().contains("no such item"));
}
