//! zlib streams, into as many bytes as were promised and no more.

use std::io::{BufRead, ErrorKind};

use zlib_rs::{Inflate, InflateFlush, Status};

use crate::error::{GitError, Result};

/// The largest window of zlib.
const WINDOW_BITS: u8 = 15;
/// What is handed on at once.
const PART_BYTES: usize = 16 * 1024;

/// Inflates one stream after the other.
pub(crate) struct Inflater {
    state: Inflate,
    part: Vec<u8>,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { state: Inflate::new(true, WINDOW_BITS), part: vec![0; PART_BYTES] }
    }

    /// Inflates the stream at the start of `input`, which must hold exactly
    /// `size` bytes, and leaves what follows it unread.
    pub(crate) fn whole(&mut self, input: &mut impl BufRead, size: usize) -> Result<Vec<u8>> {
        let mut out = vec![0; size];
        self.state.reset(true);
        let (written, ended) = fill(&mut self.state, input, &mut out)?;
        if written < size {
            return Err(cut_short());
        }
        if !ended {
            self.expect_end(input)?;
        }
        Ok(out)
    }

    /// As [`whole`](Self::whole), handing the bytes on in parts.
    pub(crate) fn parts(&mut self, input: &mut impl BufRead, size: u64, mut sink: impl FnMut(&[u8])) -> Result<()> {
        self.state.reset(true);
        let mut left = size;
        while left > 0 {
            let most = usize::try_from(left).map_or(PART_BYTES, |left| left.min(PART_BYTES));
            let (written, ended) = fill(&mut self.state, input, &mut self.part[..most])?;
            sink(&self.part[..written]);
            left -= u64::try_from(written).unwrap_or(left);
            if ended {
                return if left == 0 { Ok(()) } else { Err(cut_short()) };
            }
        }
        self.expect_end(input)
    }

    /// Inflates the first bytes of a stream, at most as many as fit.
    pub(crate) fn head(&mut self, input: &mut impl BufRead, out: &mut [u8]) -> Result<usize> {
        self.state.reset(true);
        fill(&mut self.state, input, out).map(|(written, _)| written)
    }

    fn expect_end(&mut self, input: &mut impl BufRead) -> Result<()> {
        let mut none = [0; 1];
        match fill(&mut self.state, input, &mut none)? {
            (0, true) => Ok(()),
            (0, false) => Err(cut_short()),
            _ => Err(GitError::failed("an object is longer than it says: the data is damaged")),
        }
    }
}

/// Fills `out`, and tells how far and whether the stream has ended.
fn fill(state: &mut Inflate, input: &mut impl BufRead, out: &mut [u8]) -> Result<(usize, bool)> {
    let mut written = 0;
    loop {
        let bytes = match input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(GitError::failed(error.to_string())),
        };
        let at_end = bytes.is_empty();
        let (in_before, out_before) = (state.total_in(), state.total_out());
        let status = state.decompress(bytes, &mut out[written..], InflateFlush::NoFlush);
        let consumed = usize::try_from(state.total_in() - in_before).unwrap_or(0);
        let produced = usize::try_from(state.total_out() - out_before).unwrap_or(0);
        input.consume(consumed);
        written += produced;
        match status {
            Ok(Status::StreamEnd) => return Ok((written, true)),
            Ok(_) if written == out.len() => return Ok((written, false)),
            Ok(_) if at_end || (consumed == 0 && produced == 0) => return Err(cut_short()),
            Ok(_) => {}
            Err(_) => return Err(GitError::failed("an object cannot be unpacked: the data is damaged")),
        }
    }
}

fn cut_short() -> GitError {
    GitError::failed("an object is shorter than it says: the data is damaged or was cut off")
}
