//! A server of files over TLS, whose certificate an authority of its own signed.

use std::{
    io::{self, BufRead as _, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// What lies at a path.
#[derive(Clone, Debug)]
pub enum Lies {
    /// This file.
    File(Arc<[u8]>),
    /// A file of so many bytes, as its head says, of which none come.
    Declared(u64),
    /// Half a file; the rest never comes.
    Half(Arc<[u8]>),
    /// Nothing, but somewhere else.
    Elsewhere(String),
}

type Script = dyn Fn(&str) -> Lies + Send + Sync;

/// The server.
pub struct Shelf {
    address: SocketAddr,
    /// The authority, PEM.
    pub authority: String,
    script: Arc<Mutex<Arc<Script>>>,
    requests: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Shelf {
    /// Serves by `script`, from paths to what lies there.
    pub fn start(script: impl Fn(&str) -> Lies + Send + Sync + 'static) -> Self {
        let (config, authority) = certified();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let script: Arc<Mutex<Arc<Script>>> = Arc::new(Mutex::new(Arc::new(script)));
        let address = listener.local_addr().expect("its address");
        let shelf = Self { address, authority, script, requests: Arc::default(), stopped: Arc::default() };
        let (script, requests, stopped) = (shelf.script.clone(), shelf.requests.clone(), shelf.stopped.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (config, requests) = (config.clone(), requests.clone());
                let (script, stopped) = (script.lock().expect("no panic").clone(), stopped.clone());
                // Who does not believe the authority gets no answer.
                thread::spawn(move || answer(stream, &config, &*script, &requests, &stopped));
            }
        });
        shelf
    }

    /// Its own address.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// Serves by another script from now on.
    pub fn turn_to(&self, script: impl Fn(&str) -> Lies + Send + Sync + 'static) {
        *self.script.lock().expect("no panic") = Arc::new(script);
    }

    /// How many requests it had.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

/// An authority, and a certificate of its for `localhost`.
fn certified() -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("an authority");
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&own, &issuer).expect("a certificate");
    let own = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], own)
        .expect("a certificate");
    (Arc::new(config), authority.pem())
}

fn answer(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    script: &Script,
    requests: &AtomicUsize,
    stopped: &AtomicBool,
) -> io::Result<()> {
    stream.set_read_timeout(Some(super::PATIENCE))?;
    let connection = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let stream = stream.get_mut();
    let length = |length: u64| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    match script(head.split(' ').nth(1).unwrap_or_default()) {
        Lies::File(bytes) => write(stream, &length(bytes.len() as u64), &bytes)?,
        Lies::Declared(bytes) => write(stream, &length(bytes), &[])?,
        Lies::Half(bytes) => {
            write(stream, &length(bytes.len() as u64), &bytes[..bytes.len() / 2])?;
            while !stopped.load(Ordering::SeqCst) {
                thread::park_timeout(std::time::Duration::from_millis(100));
            }
        }
        Lies::Elsewhere(url) => {
            let head =
                format!("HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            write(stream, &head, &[])?;
        }
    }
    stream.conn.send_close_notify();
    stream.flush()
}

fn write(stream: &mut impl Write, head: &str, body: &[u8]) -> io::Result<()> {
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush())
}
