//! Each way to fail, by itself: it ends soon, it is told without the host's
//! words, and the server goes on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Answer, Era, House, Plugin, Server};

/// A guest that fails, beside one that does not.
fn beside_echo(plugin: &Plugin) -> (House, Server) {
    let house = House::new().with(&Plugin::guest("echo")).with(plugin);
    let server = house.serve();
    (house, server)
}

/// What a client reads of it, once, and in time.
fn fails(server: &Server, tool: &str, arguments: Value, within: Duration) -> String {
    let mut told = String::new();
    for era in Era::ALL {
        let mut client = server.client(era);
        let began = Instant::now();
        let answer: Answer = client.call(tool, arguments.clone());
        assert!(began.elapsed() < within, "{tool} took {:?}: {answer:?}", began.elapsed());
        told = answer.failure();
        for word in ["wasm", "/work", "/tmp", "panicked", ".rs", "unreachable", "backtrace"] {
            assert!(!told.contains(word), "{tool}: the host's or the guest's own words: {told}");
        }
        let echo = client.call("echo_run", json!({"text": "still here"}));
        assert_eq!(echo.structured()["text"], "still here");
    }
    told
}

#[test]
fn an_endless_loop_is_stopped() {
    let (_house, server) = beside_echo(&Plugin::guest("spin").limits(json!({"cpu": "300ms", "time": "20s"})));
    let told = fails(&server, "spin_run", json!({}), Duration::from_secs(15));
    assert!(told.contains("computed"), "{told}");
    let (_house, server) = beside_echo(&Plugin::guest("spin").limits(json!({"cpu": "60s", "time": "300ms"})));
    let told = fails(&server, "spin_run", json!({}), Duration::from_secs(15));
    assert!(told.contains("too long"), "{told}");
    server.lines().wait_for(&["spin", "longer than"]);
}

#[test]
fn a_sleeper_is_stopped() {
    let (_house, server) = beside_echo(&Plugin::guest("slow").limits(json!({"time": "300ms"})));
    fails(&server, "slow_run", json!({"milliseconds": 50_000}), Duration::from_secs(10));
}

#[test]
fn a_hog_is_stopped() {
    let (_house, server) = beside_echo(&Plugin::guest("hog").limits(json!({"memory": "32MiB"})));
    let told = fails(&server, "hog_run", json!({"mebibytes": 4_000}), Duration::from_secs(15));
    assert!(told.contains("more than it is allowed"), "{told}");
    let answer = server.client(Era::Modern).call("hog_run", json!({"mebibytes": 8}));
    assert_eq!(answer.text(), "8", "within its limit it goes well");
}

#[test]
fn a_trap_and_a_panic_cost_their_own_call() {
    let (_house, server) = beside_echo(&Plugin::guest("trap"));
    assert_eq!(fails(&server, "trap_run", json!({}), Duration::from_secs(10)), "the tool crashed");
    let (_house, server) = beside_echo(&Plugin::guest("panic"));
    let told = fails(&server, "panic_run", json!({}), Duration::from_secs(10));
    assert_eq!(told, "the tool crashed", "its own words are for nobody");
}

#[test]
fn a_flood_of_output_is_stopped() {
    let (_house, server) = beside_echo(&Plugin::guest("flood_output").limits(json!({"output": "64KiB"})));
    let told = fails(&server, "flood-output_run", json!({"bytes": 2_000_000}), Duration::from_secs(15));
    assert!(told.contains("too large"), "{told}");
    let answer = server.client(Era::Modern).call("flood-output_run", json!({"bytes": 10_000}));
    assert_eq!(answer.text().len(), 10_000);
}

#[test]
fn a_flood_of_log_lines_is_cut() {
    let house = House::new().with(&Plugin::guest("flood_log").limits(json!({"log": "16KiB"})));
    let (server, mut client) = house.serve_stdio(Era::Modern);
    client.meta.insert("io.modelcontextprotocol/logLevel".to_owned(), json!("debug"));
    let answer = client.call("flood-log_run", json!({"lines": 2_000, "bytes": 200}));
    assert_eq!(answer.text(), "said", "whatever it printed is not on standard output: {answer:?}");
    let told: usize = answer.before.iter().map(|message| message.to_string().len()).sum();
    assert!(told < 64 * 1024, "{told} bytes of log lines");
    let logged: usize = server.lines().all().iter().filter(|line| line.contains("yyyy")).map(String::len).sum();
    assert!(logged < 64 * 1024, "{logged} bytes in the server's log");
}
