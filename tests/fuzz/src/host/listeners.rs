use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::SECRET;

/// How long a listener waits for more of what it is sent.
const PATIENCE: Duration = Duration::from_millis(100);

/// Longest head that is read.
const HEAD: usize = 64 << 10;

/// What listens on this machine. Each looks at what arrives, on a thread whose
/// panic ends the process.
pub(super) struct Listeners {
    /// Granted, below `/open/`, for reading.
    pub(super) http: u16,
    /// Granted.
    pub(super) tcp: u16,
    /// Granted to nobody.
    pub(super) elsewhere: u16,
}

impl Listeners {
    pub(super) fn open() -> Self {
        let elsewhere = listen(|_, _| panic!("somebody came who was granted nothing here"));
        let http = listen(move |stream, port| answer(stream, port, elsewhere));
        Self { http, tcp: listen(|stream, _| echo(stream)), elsewhere }
    }
}

fn listen(serve: impl Fn(TcpStream, u16) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(|stream| serve(stream, port)));
    port
}

fn echo(mut stream: TcpStream) {
    let mut bytes = [0; 256];
    let _ = stream.set_read_timeout(Some(PATIENCE));
    if let Ok(len) = stream.read(&mut bytes) {
        let _ = stream.write_all(&bytes[..len]);
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn answer(mut stream: TcpStream, port: u16, elsewhere: u16) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let mut arrived = Vec::new();
    let mut part = [0; 4096];
    while !arrived.windows(4).any(|end| end == b"\r\n\r\n") && arrived.len() < HEAD {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(len) => arrived.extend_from_slice(&part[..len]),
        }
    }
    let has = |what: &[u8]| arrived.windows(what.len()).any(|window| window == what);
    assert!(!has(SECRET.as_bytes()), "the secret was sent in the clear");
    // What is no request is the beginning of TLS, or of nothing.
    if arrived.first().is_some_and(u8::is_ascii_uppercase) && has(b"\r\n\r\n") {
        let text = String::from_utf8_lossy(&arrived);
        let path = granted(&text, port);
        let _ = stream.write_all(&reply(path.len(), elsewhere));
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// What arrives is a request that was granted, and one alone.
fn granted(arrived: &str, port: u16) -> &str {
    let (head, _) = arrived.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.split("\r\n");
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, path, "HTTP/1.1"] = words[..] else { panic!("no request line: {head:?}") };
    assert!(["GET", "HEAD"].contains(&method), "{head:?}");
    let plain = path.split('?').next().unwrap_or_default().to_ascii_lowercase();
    assert!(plain.starts_with("/open/"), "{head:?}");
    for harm in ["..", "%2e", "%2f", "%5c", "//", "\\"] {
        assert!(!plain.contains(harm), "{head:?}");
    }
    let fields: Vec<(String, &str)> = lines
        .map(|line| line.split_once(':').unwrap_or_else(|| panic!("no field: {head:?}")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let hosts: Vec<&str> = fields.iter().filter(|(name, _)| name == "host").map(|(_, value)| *value).collect();
    assert_eq!(hosts, [format!("127.0.0.1:{port}")], "{head:?}");
    let lengths = fields.iter().filter(|(name, _)| ["content-length", "transfer-encoding"].contains(&&**name)).count();
    assert!(lengths <= 1, "two lengths of one body: {head:?}");
    for (name, _) in &fields {
        let steers = ["te", "trailer", "expect", "upgrade", "keep-alive", "x-original-url", "x-rewrite-url"];
        assert!(!steers.contains(&&**name) && !name.starts_with("proxy-"), "{head:?}");
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()), "{head:?}");
    }
    path
}

/// One of several answers: plain, one that leads elsewhere, ones that tell the
/// secret whole, encoded and in parts, one that is larger than may be read.
fn reply(kind: usize, elsewhere: u16) -> Vec<u8> {
    let whole = |fields: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{fields}\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    match kind % 6 {
        0 => {
            format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{elsewhere}/\r\ncontent-length: 0\r\n\r\n").into()
        }
        1 => whole("", format!("it is {SECRET}, and more").as_bytes()),
        2 => whole(&format!("x-told: {SECRET}\r\n"), b"it stands above"),
        3 => {
            let (encoded, mut body) = (STANDARD.encode(SECRET), Vec::new());
            for part in encoded.as_bytes().chunks(1 + kind % 7) {
                body.extend(format!("{:x}\r\n{}\r\n", part.len(), String::from_utf8_lossy(part)).bytes());
            }
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n";
            [head.as_bytes(), &body, b"0\r\nx-end: yes\r\n\r\n"].concat()
        }
        4 => whole("", &vec![b'z'; 80 << 10]),
        _ => whole("", b"hello"),
    }
}
