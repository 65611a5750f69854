//! Clients that are slow on purpose: each is waited for so long and no longer,
//! and everybody else is served meanwhile.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::harness::{Client, Era, House, Plugin, Server, tls::Issued};

/// Longer than anything is waited for.
const LONGEST: Duration = Duration::from_secs(150);

/// How much later than promised a connection may end: it is looked at every
/// five seconds, on a busy machine.
const LATE: Duration = Duration::from_secs(20);

/// An honest client's answer meanwhile, on a busy machine: sooner than the
/// first of those that are slow is given up.
const BOUND: Duration = Duration::from_secs(9);

fn open(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    stream
}

/// Sends a byte of `text` twice a second, then again from its start, until the
/// other end closes; how long that took.
fn drip(mut stream: TcpStream, text: &[u8]) -> Duration {
    let began = Instant::now();
    for byte in text.iter().cycle() {
        if stream.write_all(&[*byte]).is_err() || has_ended(&mut stream) {
            return began.elapsed();
        }
        assert!(began.elapsed() < LONGEST, "it goes on for ever");
    }
    unreachable!("a cycle has no end")
}

/// How long it takes until the other end closes.
fn until_closed(mut stream: TcpStream) -> Duration {
    let began = Instant::now();
    while !has_ended(&mut stream) {
        assert!(began.elapsed() < LONGEST, "it goes on for ever");
    }
    began.elapsed()
}

/// Whether the other end has closed, as far as half a second tells.
fn has_ended(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 1 << 16]) {
        Ok(read) => read == 0,
        Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
    }
}

/// Asks for many large answers and reads none; how long until it cannot ask.
fn ask_and_never_read(mut stream: TcpStream, request: &[u8]) -> Duration {
    let began = Instant::now();
    stream.set_write_timeout(Some(Duration::from_secs(1))).expect("a timeout");
    loop {
        match stream.write_all(request) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return began.elapsed();
            }
            _ => assert!(began.elapsed() < LONGEST, "it goes on for ever"),
        }
    }
}

fn head(server: &Server, length: usize) -> Vec<u8> {
    let head = format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n", server.address());
    let accept = "Accept: application/json, text/event-stream\r\n";
    format!("{head}{accept}Content-Length: {length}\r\n\r\n").into_bytes()
}

/// A request of the guide's, which needs no headers of its own.
fn invoke(server: &Server, text: &str) -> Vec<u8> {
    let params = json!({"toolId": "echo.run", "args": {"text": text}});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "mcp.tool.invoke", "params": params}).to_string();
    [head(server, body.len()), body.into_bytes()].concat()
}

#[test]
fn whoever_is_slow_on_purpose_is_waited_for_so_long_and_no_longer() {
    let house = House::new().with(&Plugin::guest("echo"));
    let (issued, tls) = (Issued::new(), House::new());
    issued.place(&tls.join("certs"));
    let tls = tls.set("tls", json!({"certFile": "certs/tls.crt", "keyFile": "certs/tls.key"}));
    let (server, over_tls) = (house.serve().loaded(1), tls.serve());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut client: Client = server.client(Era::Modern);
            while !done.load(Ordering::SeqCst) {
                let began = Instant::now();
                assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
                assert!(began.elapsed() < BOUND, "an honest client waited {:?}", began.elapsed());
                thread::sleep(Duration::from_millis(200));
            }
        });
        let within = |what: &'static str, seconds: u64, took: Duration| {
            // Whoever counts may begin late.
            let least = Duration::from_secs(seconds - seconds / 5);
            assert!(took >= least && took < Duration::from_secs(seconds) + LATE, "{what}: {took:?}, not {seconds} s");
        };
        let slow: Vec<(&str, u64, thread::ScopedJoinHandle<'_, Duration>)> = vec![
            ("nothing is said", 30, scope.spawn(|| until_closed(open(server.address())))),
            (
                "a head, a byte at a time",
                10,
                scope.spawn(|| drip(open(server.address()), b"POST /mcp HTTP/1.1\r\nA: ")),
            ),
            ("fields without end", 10, scope.spawn(|| drip(open(server.address()), b"A: b\r\n"))),
            (
                "a body, a byte at a time",
                60,
                scope.spawn(|| {
                    let mut stream = open(server.address());
                    stream.write_all(&head(&server, 100_000)).expect("sent");
                    drip(stream, b" ")
                }),
            ),
            (
                "the size of a chunk, without end",
                60,
                scope.spawn(|| {
                    let mut stream = open(server.address());
                    let head = String::from_utf8(head(&server, 0)).expect("text");
                    let head = head.replace("Content-Length: 0", "Transfer-Encoding: chunked");
                    stream.write_all(head.as_bytes()).expect("sent");
                    drip(stream, b"0")
                }),
            ),
            (
                "nothing after an answer",
                75,
                scope.spawn(|| {
                    let mut stream = open(server.address());
                    stream.write_all(&invoke(&server, "a")).expect("sent");
                    until_closed(stream)
                }),
            ),
            (
                "answers that are not read",
                60,
                scope.spawn(|| ask_and_never_read(open(server.address()), &invoke(&server, &"a".repeat(200_000)))),
            ),
            ("a handshake that does not begin", 10, scope.spawn(|| until_closed(open(over_tls.address())))),
            (
                "a handshake, a byte at a time",
                10,
                scope.spawn(|| drip(open(over_tls.address()), &[22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])),
            ),
        ];
        for (what, seconds, took) in slow {
            within(what, seconds, took.join().unwrap_or_else(|_| panic!("{what}")));
        }
        done.store(true, Ordering::SeqCst);
    });
    // A client that says that it says no more has heard its answer, or is rid of.
    let mut stream = open(server.address());
    stream.write_all(&invoke(&server, "a")).expect("sent");
    stream.shutdown(Shutdown::Write).expect("half closed");
    let took = until_closed(stream);
    assert!(took < LATE, "{took:?}");
}
