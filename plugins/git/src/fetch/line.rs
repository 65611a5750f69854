//! Packet lines: four hex digits of length, then that many bytes less four.

use std::io::Read;

use super::told;
use crate::error::{GitError, Result};
use crate::oid::digit;

/// Longest line of the protocol.
const MAX_LINE_BYTES: usize = 65_520;
/// Ends a request or a section of an answer.
pub(crate) const FLUSH: &[u8] = b"0000";
/// Stands between a command and its arguments.
pub(crate) const DELIMITER: &[u8] = b"0001";

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// Bytes; text ends with a line feed, which is kept.
    Data(&'a [u8]),
    /// The end of a message.
    Flush,
    /// The end of a section.
    Delimiter,
}

impl<'a> Line<'a> {
    /// The text of a line, without the line feed.
    pub(crate) fn text(self) -> Option<&'a [u8]> {
        match self {
            Self::Data(bytes) => Some(bytes.strip_suffix(b"\n").unwrap_or(bytes)),
            Self::Flush | Self::Delimiter => None,
        }
    }
}

/// Reads lines.
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    read: usize,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; MAX_LINE_BYTES], read: 0 }
    }

    /// How many bytes were read so far.
    pub(crate) fn bytes_read(&self) -> usize {
        self.read
    }

    /// The next line. A line `ERR …` is an error with the server's words.
    pub(crate) fn next(&mut self) -> Result<Line<'_>> {
        let mut digits = [0; 4];
        self.fill(&mut digits)?;
        let length = digits.iter().try_fold(0, |length, byte| Some(length * 16 + usize::from(digit(*byte)?)));
        let length =
            length.ok_or_else(|| GitError::failed("the server answered with something else than git's lines"))?;
        match length {
            0 | 2 => return Ok(Line::Flush),
            1 => return Ok(Line::Delimiter),
            4..=MAX_LINE_BYTES => {}
            _ => return Err(GitError::failed("the server sent a line of a length that cannot be")),
        }
        let mut line = std::mem::take(&mut self.buffer);
        let filled = self.fill(&mut line[..length - 4]);
        self.buffer = line;
        filled?;
        let line = &self.buffer[..length - 4];
        match line.strip_prefix(b"ERR ") {
            Some(words) => Err(GitError::failed(format!("the server refused: {}", told(words)))),
            None => Ok(Line::Data(line)),
        }
    }

    fn fill(&mut self, out: &mut [u8]) -> Result<()> {
        self.read += out.len();
        self.input.read_exact(out).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => GitError::failed("the server's answer was cut off"),
            _ => GitError::failed(format!("the server's answer broke off: {error}")),
        })
    }
}

/// Writes `text` as a line.
pub(crate) fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(format!("{:04x}{text}\n", text.len() + 5).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_and_read() {
        let mut bytes = Vec::new();
        push(&mut bytes, "want x");
        bytes.extend_from_slice(DELIMITER);
        bytes.extend_from_slice(FLUSH);
        assert_eq!(bytes, b"000bwant x\n00010000");
        let mut lines = Lines::new(bytes.as_slice());
        assert_eq!(lines.next().unwrap().text(), Some(&b"want x"[..]));
        assert_eq!(lines.next(), Ok(Line::Delimiter));
        assert_eq!(lines.next(), Ok(Line::Flush));
        assert!(lines.next().is_err());
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for bytes in [&b"<htm"[..], b"0003", b"ffff", b"0010short", b"", b"000fERR \x1b[31mno"] {
            let error = Lines::new(bytes).next().unwrap_err();
            assert!(!error.to_string().contains('\x1b'), "{error}");
        }
    }
}
