//! What a server counts, as its admin listener tells it.

use std::net::SocketAddr;

use super::{
    http::{Connection, Request},
    wait_until,
};

/// Calls of tools that were let in so far: each took its plugin's version by then.
pub const BEGUN: &str = "bulkhead_decisions_total{kind=\"tool\",decision=\"allow\"}";

/// The value of one line.
pub fn value(admin: SocketAddr, name: &str) -> u64 {
    let page = Connection::open(admin).and_then(|mut connection| connection.exchange(&Request::get("/metrics")));
    let page = page.expect("the metrics").text();
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in\n{page}"))
}

/// Waits until so many calls of tools are under way, or were.
pub fn wait_until_begun(admin: SocketAddr, calls: u64) {
    wait_until(&format!("{calls} calls have begun"), || value(admin, BEGUN) >= calls);
}
