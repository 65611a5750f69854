//! Somebody between client and server, who may change what comes back.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::Value;

use super::http::{Connection, Request, Response};

type Tamper = dyn Fn(&Request, Response) -> Response + Send + Sync;

/// A running proxy. Stops when dropped.
pub struct Proxy {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Proxy {
    /// Stands before `server`, and hands out what `tamper` makes of its answers.
    pub fn before(server: SocketAddr, tamper: impl Fn(&Request, Response) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("its address");
        let proxy = Self { address, stopped: Arc::default() };
        let (stopped, tamper): (_, Arc<Tamper>) = (proxy.stopped.clone(), Arc::new(tamper));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let tamper = tamper.clone();
                // A client that hangs up is not the proxy's trouble.
                thread::spawn(move || converse(stream, server, &*tamper).ok());
            }
        });
        proxy
    }

    /// The endpoint behind it.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the loop, which then ends.
        let _ = TcpStream::connect(self.address);
    }
}

/// `response` with its JSON changed: the message itself, or the data of an event.
pub fn altered(response: Response, change: impl FnOnce(&mut Value)) -> Response {
    let mut message: Value = serde_json::from_slice(&response.body).expect("JSON");
    change(&mut message);
    Response { body: message.to_string().into_bytes(), ..response }
}

fn converse(stream: TcpStream, server: SocketAddr, tamper: &Tamper) -> io::Result<()> {
    let mut client = BufReader::new(stream);
    while let Some(request) = read(&mut client)? {
        let answer = Connection::open(server)?.exchange(&request)?;
        write(client.get_mut(), &tamper(&request, answer))?;
    }
    Ok(())
}

fn read(client: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if client.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut request = Request { method, path, headers: Vec::new(), body: Vec::new() };
    let mut length = 0;
    loop {
        let mut line = String::new();
        client.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
            // The server is asked under its own name.
            "host" => {}
            _ => request.headers.push((name.to_owned(), value.trim().to_owned())),
        }
    }
    request.body = vec![0; length];
    client.read_exact(&mut request.body)?;
    Ok(Some(request))
}

fn write(client: &mut TcpStream, response: &Response) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} -\r\nContent-Length: {}\r\n", response.head.status, response.body.len());
    for (name, value) in &response.head.headers {
        if !["content-length", "transfer-encoding"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    client.write_all(head.as_bytes())?;
    client.write_all(&response.body)
}
