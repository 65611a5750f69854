//! Asking for a pack, and the answer up to where the pack begins.

use std::io::{self, Read};

use super::line::{DELIMITER, FLUSH, Line, Lines, push};
use super::{AGENT, Ask, Remote, Server, Transport, odd, status, told};
use crate::error::{GitError, Result};
use crate::oid::Oid;

const CONTENT_TYPE: &str = "application/x-git-upload-pack-result";
/// Most lines before the pack begins.
const MAX_LINES: usize = 100_000;

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    pub(crate) ids: Vec<Oid>,
    /// How many commits deep; all of history without it.
    pub(crate) depth: Option<u32>,
}

/// The answer, of which the pack is still to be read.
pub(crate) struct Answer {
    /// Commits whose parents are left out.
    pub(crate) shallow: Vec<Oid>,
    pub(crate) pack: Demux,
}

impl Wish {
    pub(crate) fn send(&self, transport: &dyn Transport, server: &Server) -> Result<Answer> {
        let mut body = Vec::new();
        push(&mut body, "command=fetch");
        push(&mut body, &format!("agent={AGENT}"));
        push(&mut body, "object-format=sha1");
        body.extend_from_slice(DELIMITER);
        for argument in ["ofs-delta", "no-progress", "include-tag"] {
            push(&mut body, argument);
        }
        if let Some(depth) = self.depth {
            push(&mut body, &format!("deepen {depth}"));
        }
        for id in &self.ids {
            push(&mut body, &format!("want {id}"));
        }
        push(&mut body, "done");
        body.extend_from_slice(FLUSH);
        let mut lines = Lines::new(post(transport, &server.remote, &body)?);
        let shallow = until_pack(&mut lines)?;
        Ok(Answer { shallow, pack: Demux { lines, part: Vec::new(), at: 0, ended: false } })
    }
}

/// Reads the sections before the pack, and gives the shallow commits.
fn until_pack(lines: &mut Lines<Box<dyn Read>>) -> Result<Vec<Oid>> {
    let mut shallow = Vec::new();
    for _ in 0..MAX_LINES {
        let line = match lines.next()? {
            Line::Flush => return Err(GitError::failed("the server gave no pack")),
            Line::Delimiter => continue,
            line => line.text().unwrap_or_default(),
        };
        if line == b"packfile" {
            return Ok(shallow);
        }
        shallow.extend(line.strip_prefix(b"shallow ").and_then(Oid::from_hex));
    }
    Err(GitError::failed("the server gave no pack"))
}

/// Sends a command. What it answers with is checked to be git's.
pub(super) fn post(transport: &dyn Transport, remote: &Remote, body: &[u8]) -> Result<Box<dyn Read>> {
    let length = body.len().to_string();
    let headers = [
        ("git-protocol", "version=2"),
        ("user-agent", AGENT),
        ("content-type", "application/x-git-upload-pack-request"),
        ("accept", CONTENT_TYPE),
        ("content-length", &length),
    ];
    let url = remote.service("git-upload-pack");
    let answer = transport.send(&Ask { url: &url, headers: &headers, body: Some(body) })?;
    status(remote.host(), answer.status)?;
    if answer.content_type != CONTENT_TYPE {
        return Err(odd(remote.host(), "it answered with a page"));
    }
    Ok(answer.body)
}

/// The pack, out of the band that carries it.
pub(crate) struct Demux {
    lines: Lines<Box<dyn Read>>,
    part: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Demux {
    /// Takes the next part of the pack. What the server says meanwhile is
    /// passed over, unless it is an error.
    fn advance(&mut self) -> Result<()> {
        match self.lines.next()? {
            Line::Flush | Line::Delimiter => self.ended = true,
            Line::Data([1, part @ ..]) => {
                self.part.clear();
                self.part.extend_from_slice(part);
                self.at = 0;
            }
            Line::Data([2, ..]) => {}
            Line::Data([3, words @ ..]) => {
                return Err(GitError::failed(format!("the server gave up: {}", told(words))));
            }
            Line::Data(_) => return Err(GitError::failed("the server mixes something else into its pack")),
        }
        Ok(())
    }
}

impl Read for Demux {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.part.len() && !self.ended {
            self.advance().map_err(io::Error::other)?;
        }
        let read = (&self.part[self.at..]).read(out)?;
        self.at += read;
        Ok(read)
    }
}
