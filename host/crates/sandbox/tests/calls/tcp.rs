//! TCP: granted names and addresses, nothing else.

use std::path::Path;

use bulkhead_policy::Grants;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::harness::{Bench, grants, soon};

/// Answers `ping` with `pong`; its port.
async fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut ping = [0; 4];
            if stream.read_exact(&mut ping).await.is_ok() {
                let _ = stream.write_all(b"pong").await;
            }
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_reached_without_a_grant() {
    let port = server().await;
    let bench = Bench::new(&Grants::default());
    let told = bench.call("tcp", &format!("127.0.0.1:{port}")).await;
    assert_eq!(told.denials().len(), 1);
    told.error();
    for (tool, arguments) in [("resolve", "localhost"), ("listen", ""), ("udp", "127.0.0.1:9")] {
        assert!(bench.call(tool, arguments).await.answer.is_err(), "{tool}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_address_is_reached_and_its_neighbour_is_not() {
    let (port, other) = (server().await, server().await);
    let bench = Bench::new(&grants(Path::new("/"), &[&format!("tcp=127.0.0.1:{port}")]));
    assert_eq!(soon(bench.text("tcp", &format!("127.0.0.1:{port}"))).await, "pong");
    let told = bench.call("tcp", &format!("127.0.0.1:{other}")).await;
    let line = told.denials()[0].allow_line.clone().unwrap();
    assert!(line.contains(&format!("{{host: 127.0.0.1, port: {other}, allowPrivate: true}}")), "{line}");
    assert_eq!(told.error(), "PermissionDenied");
    for (tool, arguments) in [("listen", ""), ("udp", "127.0.0.1:9")] {
        assert!(bench.call(tool, arguments).await.answer.is_err(), "{tool}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_name_resolves_and_then_its_addresses_are_reached() {
    let port = server().await;
    let bench = Bench::new(&grants(Path::new("/"), &[&format!("tcp=localhost:{port}")]));
    assert_eq!(soon(bench.text("tcp", &format!("localhost:{port}"))).await, "pong");
    let unresolved = bench.call("tcp", &format!("127.0.0.1:{port}")).await;
    assert_eq!(unresolved.error(), "PermissionDenied", "an address that nothing resolved to in this call");
    assert!(bench.call("resolve", "example.com").await.answer.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_this_machine_needs_allow_private() {
    let port = server().await;
    let mut grants = grants(Path::new("/"), &[&format!("tcp=localhost:{port}")]);
    grants.tcp[0].allow_private = false;
    let told = soon(Bench::new(&grants).call("tcp", &format!("localhost:{port}"))).await;
    assert!(told.denials()[0].detail.contains("loopback"), "{:?}", told.denials());
    told.error();
}
