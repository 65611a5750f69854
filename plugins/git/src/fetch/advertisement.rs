//! The first answer of a server: what it can do.

use super::line::{Line, Lines};
use super::{AGENT, Remote, Transport, odd, status};
use crate::error::{GitError, Result};
use crate::limits::MAX_REDIRECTS;

/// The service that a clone asks.
const SERVICE: &str = "info/refs?service=git-upload-pack";
/// What it answers with.
const CONTENT_TYPE: &str = "application/x-git-upload-pack-advertisement";
/// Most bytes of what a server says that it can do.
const MAX_ADVERTISED_BYTES: usize = 64 * 1024;

/// A server that speaks version 2 of the protocol.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it is, after redirects.
    pub(crate) remote: Remote,
    /// Whether it gives shallow clones.
    pub(crate) shallow: bool,
}

impl Server {
    /// Asks the server at `remote`. Each redirect is a request of its own,
    /// which the host allows or denies.
    pub(crate) fn greet(transport: &dyn Transport, remote: &Remote) -> Result<Self> {
        let mut remote = remote.clone();
        for _ in 0..=MAX_REDIRECTS {
            let headers = [("git-protocol", "version=2"), ("user-agent", AGENT), ("accept", "*/*")];
            let url = remote.service(SERVICE);
            let answer = transport.send(&super::Ask { url: &url, headers: &headers, body: None })?;
            if (300..400).contains(&answer.status) {
                let location = answer.location.ok_or_else(|| odd(remote.host(), "it redirects to nowhere"))?;
                remote = remote.redirected(SERVICE, &location)?;
                continue;
            }
            status(remote.host(), answer.status)?;
            if answer.content_type != CONTENT_TYPE {
                return Err(odd(remote.host(), "it answered with a page; is the address that of a repository?"));
            }
            let shallow = capabilities(&remote, &mut Lines::new(answer.body))?;
            return Ok(Self { remote, shallow });
        }
        Err(GitError::failed(format!("{} redirects more than {MAX_REDIRECTS} times", remote.host())))
    }
}

/// Reads what the server can do, and gives whether that includes shallow clones.
fn capabilities(remote: &Remote, lines: &mut Lines<impl std::io::Read>) -> Result<bool> {
    let host = remote.host();
    // Some servers begin with the name of the service, and an empty line.
    let begins = |line: Line<'_>| matches!(line.text(), Some(b"# service=git-upload-pack") | None);
    let mut first = lines.next()?;
    for _ in 0..2 {
        if begins(first) {
            first = lines.next()?;
        }
    }
    if first.text() != Some(b"version 2") {
        return Err(odd(host, "it is too old"));
    }
    let (mut lists, mut shallow) = (false, None);
    loop {
        if lines.bytes_read() > MAX_ADVERTISED_BYTES {
            return Err(odd(host, "its first answer is too long"));
        }
        let line = match lines.next()? {
            Line::Flush => break,
            line => line.text().unwrap_or_default(),
        };
        let (key, value) = crate::object::cut(line, b'=');
        match key {
            b"ls-refs" => lists = true,
            b"fetch" => shallow = Some(value.split(|byte| *byte == b' ').any(|feature| feature == b"shallow")),
            b"object-format" if value != b"sha1" => {
                return Err(GitError::failed("the repository is one of SHA-256, which is not read"));
            }
            _ => {}
        }
    }
    shallow.filter(|_| lists).ok_or_else(|| odd(host, "it neither lists nor gives anything"))
}
