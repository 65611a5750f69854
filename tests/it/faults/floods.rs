//! Too much at once: heads, bodies, connections, requests. Each is bounded, and
//! a client that behaves is answered all the while.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::net::TcpSocket;

use crate::harness::{
    Era, House, Plugin, Server,
    http::{Connection, Request},
};

/// How much is poured at most.
const MANY: usize = 64 << 20;

/// How much memory more a flood may take: what is read in one go, many times over.
const MORE_MEMORY: u64 = 96 << 20;

fn house() -> House {
    House::new().with(&Plugin::guest("echo"))
}

/// Sends `parts` one after another for as long as they are taken, and gives
/// what came back, and how much was taken.
fn pour(server: &Server, head: &str, part: &[u8], most: usize) -> (String, usize) {
    let mut stream = TcpStream::connect(server.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout");
    let mut taken = 0;
    let mut goes_on = stream.write_all(head.as_bytes()).is_ok();
    while goes_on && taken < most {
        goes_on = stream.write_all(part).is_ok();
        taken += part.len();
    }
    let mut told = Vec::new();
    // What was not read of a request makes the system cut its answer short.
    let _ = stream.read_to_end(&mut told);
    (String::from_utf8_lossy(&told).into_owned(), taken)
}

fn is_well(server: &Server) {
    let began = Instant::now();
    assert!(server.client(Era::Modern).call("echo_run", json!({"text": "a"})).is_ok());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// Bytes of memory that the server holds.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

/// What is poured, how much at most is taken before it ends, and how it is
/// answered.
type Flood<'a> = (&'a str, String, &'a [u8], usize, &'a [&'a str]);

#[test]
fn heads_and_bodies_without_end_are_cut() {
    let house = house();
    let server = house.serve().loaded(1);
    is_well(&server);
    let before = memory(&server);
    let host = server.address();
    let post = format!("POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
    let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n");
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x1_0000], b"\r\n"].concat();
    let fields = b"A: b\r\n".repeat(100);
    let floods: [Flood<'_>; 7] = [
        ("a target without end", "POST /".to_owned(), &[b'a'; 1 << 16], 8 << 20, &["HTTP/1.1 414", "HTTP/1.1 431", ""]),
        ("a field without end", format!("{post}A: "), &[b'a'; 1 << 16], 8 << 20, &["HTTP/1.1 431", ""]),
        ("a name without end", post.clone(), &[b'a'; 1 << 16], 8 << 20, &["HTTP/1.1 431", ""]),
        ("fields without end", post.clone(), &fields, 8 << 20, &["HTTP/1.1 431", ""]),
        ("a body without end", chunked.clone(), &chunk, 16 << 20, &["HTTP/1.1 413", ""]),
        ("an extension without end", format!("{chunked}1;a="), &[b'a'; 1 << 16], 8 << 20, &["HTTP/1.1 400", ""]),
        ("trailers without end", format!("{chunked}0\r\n"), &fields, 8 << 20, &["HTTP/1.1 4", ""]),
    ];
    for (what, head, part, most, answers) in floods {
        let (told, taken) = pour(&server, &head, part, MANY);
        assert!(taken <= most, "{what}: {taken} bytes were taken");
        assert!(
            answers.iter().any(|answer| if answer.is_empty() { told.is_empty() } else { told.starts_with(answer) }),
            "{what}: {told}"
        );
        is_well(&server);
    }
    // Nothing of it is read, if it says how much it is.
    let (told, _) = pour(&server, &format!("{post}Content-Length: 10737418240\r\n\r\n"), b"{", 1);
    assert!(told.starts_with("HTTP/1.1 413") && told.contains("connection: close"), "{told}");
    // Nor is anything answered on a connection that speaks HTTP/2.
    let (told, _) = pour(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0; 9], 9);
    assert!(!told.contains("200"), "{told}");
    is_well(&server);
    let after = memory(&server);
    assert!(after < before + MORE_MEMORY, "from {before} to {after} bytes");
}

#[test]
fn two_ways_of_saying_how_long_a_body_is_are_none() {
    let house = house();
    let server = house.serve().loaded(1);
    let post = format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n", server.address());
    // What stands behind is never taken for a request of its own.
    let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for fields in [
        "Content-Length: 4\r\nContent-Length: 40\r\n",
        "Content-Length: 4, 40\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: 0x4\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ] {
        let (told, _) = pour(&server, &format!("{post}{fields}\r\n{smuggled}"), b"", 0);
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 400"), "{fields}: {told}");
        assert_eq!(told.matches("HTTP/1.1").count().max(1), 1, "{fields}: {told}");
    }
    is_well(&server);
}

#[test]
fn requests_in_a_row_are_answered_in_their_order() {
    const MANY: i64 = 500;
    let house = house();
    let server = house.serve().loaded(1);
    let client = server.client(Era::Modern);
    let mut connection = Connection::open(server.address()).expect("a connection");
    let request = |id: i64| {
        let mut message = client.message("tools/call", json!({"name": "echo_run", "arguments": {"text": "a"}}));
        message["id"] = id.into();
        client.http_request(&message)
    };
    std::thread::scope(|scope| {
        let (requests, to) = ((0..MANY).map(request).collect::<Vec<Request>>(), server.address());
        let mut raw = TcpStream::connect(to).expect("a connection");
        let mut reading = Connection::over(to, raw.try_clone().expect("the same"));
        scope.spawn(move || {
            for request in requests {
                raw.write_all(request.text(to).as_bytes()).expect("sent");
            }
        });
        for id in 0..MANY {
            let head = reading.head().expect("a head");
            let body: Value = serde_json::from_slice(&reading.raw_body(&head).expect("a body")).expect("JSON");
            assert_eq!((head.status, &body["id"]), (200, &json!(id)));
        }
    });
    assert_eq!(connection.exchange(&request(0)).expect("an answer").head.status, 200);
}

/// Connections from `from`, as many as `most`, and how many of them stay open: `stay`, unless they are fewer, or more
/// after a while.
fn crowd(server: &Server, from: Ipv4Addr, most: usize, stay: usize) -> (Vec<TcpStream>, usize) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("as many files as may be");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let streams: Vec<TcpStream> = runtime.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..most {
            let socket = TcpSocket::new_v4().expect("a socket");
            socket.bind(SocketAddr::from((from, 0))).expect("an address of loopback");
            let stream = socket.connect(server.address()).await.expect("a connection");
            streams.push(stream.into_std().expect("a stream"));
        }
        streams
    });
    let is_open = |mut stream: &TcpStream| {
        stream.set_nonblocking(true).expect("a mode");
        matches!(stream.read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    };
    // Until nothing changes any more. It takes less long than a connection is waited for that says nothing.
    let (mut stayed, mut same) = (most, 0);
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(500));
        stayed = streams.iter().filter(|stream| is_open(stream)).count();
        same = if stayed == stay { same + 1 } else { 0 };
        if stayed < stay || same == 3 {
            break;
        }
    }
    (streams, stayed)
}

#[test]
fn one_address_does_not_take_every_connection() {
    let house = house();
    let server = house.serve().loaded(1);
    let (held, stayed) = crowd(&server, Ipv4Addr::new(127, 0, 0, 2), 2_500, 2_048);
    assert_eq!(stayed, 2_048, "of one address");
    server.lines().wait_for(&["a connection was closed: its address has too many", "peer=127.0.0.2"]);
    is_well(&server);
    drop(held);
    crate::harness::wait_until("there is room again", || crowd(&server, Ipv4Addr::new(127, 0, 0, 2), 10, 10).1 == 10);
    // Behind a proxy all have one address.
    let proxied = house.set("allowAnonymous", json!(false)).set("apiKey", json!("key-of-whoever-comes-through-it"));
    let proxied = proxied.set("behindProxy", json!({"trusted": ["127.0.0.2"]}));
    let server = proxied.serve().loaded(1);
    assert_eq!(crowd(&server, Ipv4Addr::new(127, 0, 0, 2), 2_500, 2_500).1, 2_500);
}
