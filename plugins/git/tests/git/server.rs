//! A server of HTTP on loopback that serves repositories as `git http-backend`
//! does, or whatever a test has it say; and a client of it.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use bulkhead_plugin_git::{Answer, Ask, GitError, Transport};

/// A request as the server reads it.
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

/// What a server says.
#[derive(Clone, Default)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// A server. It serves until the process ends.
pub(crate) struct Server {
    pub(crate) address: String,
}

impl Server {
    /// One that answers with what `answer` makes of a request.
    pub(crate) fn of(answer: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                thread::spawn(move || serve(stream, &*answer));
            }
        });
        Self { address }
    }

    /// One that serves the repository at `path` as `/made`.
    pub(crate) fn serving(path: &Path) -> Self {
        let path = path.to_owned();
        Self::of(move |asked| upload_pack(&path, asked))
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/made", self.address)
    }
}

pub(crate) fn upload_pack(path: &PathBuf, asked: &Asked) -> Said {
    match asked.target.as_str() {
        "/made/info/refs?service=git-upload-pack" => {
            let mut body = b"001e# service=git-upload-pack\n0000".to_vec();
            body.extend(run(path, &["--http-backend-info-refs"], b""));
            Said { body, ..git_says("advertisement") }
        }
        "/made/git-upload-pack" => Said { body: run(path, &[], &asked.body), ..git_says("result") },
        _ => Said { status: 404, ..Said::default() },
    }
}

/// An answer of git's, without its body.
pub(crate) fn git_says(what: &str) -> Said {
    Said { status: 200, content_type: format!("application/x-git-upload-pack-{what}"), ..Said::default() }
}

#[expect(clippy::disallowed_methods, reason = "the system's git is the server")]
fn run(path: &PathBuf, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(["-c", "uploadpack.allowAnySHA1InWant=true", "upload-pack", "--stateless-rpc"])
        .args(args)
        .arg(path)
        .env("GIT_PROTOCOL", "version=2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("git is installed");
    child.stdin.take().expect("an input").write_all(input).expect("input");
    child.wait_with_output().expect("an end").stdout
}

fn serve(stream: TcpStream, answer: &dyn Fn(&Asked) -> Said) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let said = answer(&Asked { target, body });
    let mut head =
        format!("HTTP/1.1 {} x\r\nconnection: close\r\ncontent-type: {}\r\n", said.status, said.content_type);
    if let Some(location) = &said.location {
        head.push_str(&format!("location: {location}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", said.body.len()));
    let mut stream = stream;
    // Who has read enough hangs up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&said.body));
}

/// A client that remembers what it asked.
#[derive(Default)]
pub(crate) struct Net {
    pub(crate) asked: RefCell<Vec<String>>,
}

impl Transport for Net {
    #[expect(clippy::disallowed_methods, reason = "it stands in for the host's network")]
    fn send(&self, ask: &Ask<'_>) -> Result<Answer, GitError> {
        self.asked.borrow_mut().push(ask.url.to_owned());
        let rest = ask.url.strip_prefix("http://").expect("an address of http");
        let (host, path) = rest.split_at(rest.find('/').expect("a path"));
        let mut stream = TcpStream::connect(host).map_err(|error| GitError::Failed(error.to_string()))?;
        let method = if ask.body.is_some() { "POST" } else { "GET" };
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
        for (name, value) in ask.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).expect("a request");
        stream.write_all(ask.body.unwrap_or_default()).expect("a body");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).expect("an answer");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let mut answer =
            Answer { status, content_type: String::new(), location: None, body: Box::new(std::io::empty()) };
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).expect("a header");
            match header.trim().split_once(": ") {
                Some(("content-type", value)) => answer.content_type = value.to_owned(),
                Some(("location", value)) => answer.location = Some(value.to_owned()),
                Some(_) => {}
                None if header.trim().is_empty() => break,
                None => {}
            }
        }
        answer.body = Box::new(reader);
        Ok(answer)
    }
}
