//! Lines of bounded length.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Without its end, and without white space around it.
    Whole(Bytes),
    /// Passed over: it was longer than a line may be.
    TooLong,
}

/// Cuts a stream into lines. Answers "a line without end".
pub(super) struct Lines<I> {
    input: I,
    read: BytesMut,
    /// How much of `read` is known to hold no line break.
    searched: usize,
    longest: usize,
    skipping: bool,
}

impl<I: AsyncRead + Unpin> Lines<I> {
    pub(super) fn new(input: I, longest: usize) -> Self {
        Self { input, read: BytesMut::new(), searched: 0, longest, skipping: false }
    }

    /// The next line; `None` at the end. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.cut() {
                return Ok(Some(line));
            }
            if self.read.len() > self.longest {
                self.read.clear();
                self.searched = 0;
                self.skipping = true;
            }
            self.read.reserve(CHUNK);
            if self.input.read_buf(&mut self.read).await? == 0 {
                return Ok(self.last());
            }
        }
    }

    fn cut(&mut self) -> Option<Line> {
        let Some(end) = self.read[self.searched..].iter().position(|byte| *byte == b'\n') else {
            self.searched = self.read.len();
            return None;
        };
        let line = self.read.split_to(self.searched + end + 1).freeze();
        self.searched = 0;
        if std::mem::take(&mut self.skipping) || line.len() > self.longest + 1 {
            return Some(Line::TooLong);
        }
        Some(Line::Whole(trimmed(&line)))
    }

    /// What stands behind the last line break.
    fn last(&mut self) -> Option<Line> {
        self.searched = 0;
        let rest = self.read.split().freeze();
        if std::mem::take(&mut self.skipping) {
            return Some(Line::TooLong);
        }
        Some(trimmed(&rest)).filter(|line| !line.is_empty()).map(Line::Whole)
    }
}

fn trimmed(line: &Bytes) -> Bytes {
    line.slice_ref(line.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(text: &str, longest: usize) -> Vec<Line> {
        let mut lines = Lines::new(text.as_bytes(), longest);
        let mut cut = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            cut.push(line);
        }
        cut
    }

    fn whole(text: &'static str) -> Line {
        Line::Whole(Bytes::from_static(text.as_bytes()))
    }

    #[tokio::test]
    async fn lines_end_with_either_break_and_the_last_with_none() {
        assert_eq!(all("a\r\n\n b \nc", 10).await, [whole("a"), whole(""), whole("b"), whole("c")]);
        assert_eq!(all("", 10).await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_told_once_and_the_next_one_is_read() {
        let long = "x".repeat(100);
        assert_eq!(all(&format!("{long}\nshort\n"), 10).await, [Line::TooLong, whole("short")]);
        assert_eq!(all(&long, 10).await, [Line::TooLong]);
        assert_eq!(all("0123456789\n", 10).await, [whole("0123456789")]);
        let huge = "x".repeat(3 * CHUNK);
        assert_eq!(all(&format!("{huge}\nshort\n"), 10).await, [Line::TooLong, whole("short")]);
    }
}
