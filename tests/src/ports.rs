//! Ports that are named before anybody listens there.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
};

/// The lowest that is tried.
const LOWEST: u16 = 10_000;

/// A port of loopback that is free, and that nobody is given in the meantime:
/// it lies below those that the system hands out.
pub fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let room = handed_out_from().saturating_sub(LOWEST).max(1);
    // Where others that run at the same time do not begin.
    let begin = u16::try_from(std::process::id() % u32::from(room)).unwrap_or_default();
    for _ in 0..room {
        let at = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % room;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, LOWEST + at));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port from {LOWEST} on is free");
}

/// The first port that whoever names none may get.
fn handed_out_from() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(u16::MAX)
}
