//! A server of the outside world, on loopback, that does as it is told.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// Answer.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// Take the request and say nothing, for as long as the client waits.
    Never,
    /// Send the head and a byte of the body now and then, for ever.
    Drip,
    /// Close at once.
    Close,
}

impl Reaction {
    /// 200, with this body.
    pub fn ok(body: &str) -> Self {
        Self::status(200, body)
    }

    /// This status, with this body.
    pub fn status(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    /// 302 to `location`.
    pub fn redirect(location: &str) -> Self {
        let headers = vec![("Location".to_owned(), location.to_owned())];
        Self::Answer { status: 302, headers, body: Vec::new() }
    }
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl Arrived {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

type Script = dyn Fn(&Arrived) -> Reaction + Send + Sync;

/// A running server. Stops when dropped.
pub struct Upstream {
    address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    connections: Arc<Mutex<usize>>,
    stopped: Arc<AtomicBool>,
}

impl Upstream {
    /// Serves by `script`.
    pub fn start(script: impl Fn(&Arrived) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let upstream = Self { address, arrived: Arc::default(), connections: Arc::default(), stopped: Arc::default() };
        let (arrived, connections, stopped) =
            (upstream.arrived.clone(), upstream.connections.clone(), upstream.stopped.clone());
        let script: Arc<Script> = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                *connections.lock().expect("no panic") += 1;
                let (script, arrived, stopped) = (script.clone(), arrived.clone(), stopped.clone());
                thread::spawn(move || serve(stream, &*script, &arrived, &stopped));
            }
        });
        upstream
    }

    /// Answers everything with `reaction`.
    pub fn always(reaction: Reaction) -> Self {
        Self::start(move |_| reaction.clone())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The URL of `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What arrived so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic").clone()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        *self.connections.lock().expect("no panic")
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(stream: TcpStream, script: &Script, arrived: &Mutex<Vec<Arrived>>, stopped: &AtomicBool) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        arrived.lock().expect("no panic").push(request.clone());
        let goes_on = match script(&request) {
            Reaction::Answer { status, headers, body } => answer(&mut out, status, &headers, &body),
            Reaction::Never => {
                // Ends when the client closes.
                let _ = reader.read(&mut [0]);
                false
            }
            Reaction::Drip => {
                let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let mut goes_on = out.write_all(head).is_ok();
                while goes_on && !stopped.load(Ordering::SeqCst) {
                    goes_on = out.write_all(b"1\r\nx\r\n").is_ok();
                    thread::sleep(Duration::from_millis(50));
                }
                false
            }
            Reaction::Close => false,
        };
        if !goes_on {
            return;
        }
    }
}

fn answer(out: &mut TcpStream, status: u16, headers: &[(String, String)], body: &[u8]) -> bool {
    let mut head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    out.write_all(head.as_bytes()).and_then(|()| out.write_all(body)).is_ok()
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Arrived> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut first = lines.first()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header = |line: &String| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let headers: Vec<(String, String)> = lines[1..].iter().filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Arrived { method, target, headers })
}
